import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { defineComponent, ref } from 'vue'
import { expect, test, vi } from 'vitest'
import { lay, useLongList } from './long-list'

const page = (cursor: string, next: string | null, ...items: string[]) => ({ list: 'l', cursor, next, items })

test('a page follows the one that names it, in place of the one that was there', () => {
  const [a, b, c] = [page('', '2', 'x'), page('2', '3', 'y'), page('3', null, 'z')]
  expect(lay(lay(lay([], a), b), c)).toEqual([a, b, c])
  const fresh = page('2', '4', 'w')
  expect(lay([a, b, c], fresh)).toEqual([a, fresh, c])
  expect(lay([a, b, c], page('', null, 'x'))).toEqual([page('', null, 'x')])
  expect(lay([a, b], page('9', null))).toEqual([a, b])
})

function start(all: number[]) {
  const fetch = vi.fn(async (cursor: string) => {
    const from = cursor === '' ? 0 : Number(cursor)
    const items = all.slice(from, from + 100)
    return { items, next: from + 100 < all.length ? String(from + 100) : null }
  })
  const [kind, awake] = [ref('a'), ref(true)]
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  let list!: ReturnType<typeof useLongList<number>>
  const Page = defineComponent({
    setup() {
      list = useLongList<number>({ key: () => ['members', kind.value], fetch, awake })
      return () => null
    },
  })
  const page = mount(Page, { global: { plugins: [[VueQueryPlugin, { queryClient: client }]] } })
  return { list, fetch, kind, awake, client, page }
}

test('it grows while it is scrolled, and an event fetches only what is on screen', async () => {
  const { list, fetch, client, page } = start(Array.from({ length: 5_000 }, (_, n) => n))
  await flushPromises()
  expect(list.items.value.length).toBe(100)
  for (let n = 0; list.hasMore.value && n < 60; n++) {
    list.see(list.items.value.length - 10, list.items.value.length - 1)
    await flushPromises()
  }
  expect(list.items.value).toEqual(Array.from({ length: 5_000 }, (_, n) => n))
  list.see(2_500, 2_510)
  await flushPromises()
  fetch.mockClear()
  await client.invalidateQueries({ queryKey: ['members'] })
  expect(fetch.mock.calls).toEqual([['2500']])
  page.unmount()
})

test('another filter shows the rows before until its own have come; asleep nothing is asked', async () => {
  const { list, fetch, kind, awake, client, page } = start([1, 2, 3])
  await flushPromises()
  kind.value = 'b'
  await Promise.resolve()
  expect(list.items.value).toEqual([1, 2, 3])
  expect(list.pending.value).toBe(true)
  await flushPromises()
  expect(list.pending.value).toBe(false)
  awake.value = false
  await flushPromises()
  fetch.mockClear()
  await client.invalidateQueries({ queryKey: ['members'] })
  expect(fetch).not.toHaveBeenCalled()
  awake.value = true
  await flushPromises()
  expect(fetch).toHaveBeenCalledTimes(1)
  page.unmount()
})
