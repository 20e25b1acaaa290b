import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { computed, defineComponent, h, ref } from 'vue'
import { everyItem, usePages, type Page, type Where } from './pages'

function world(fetch: (where: Where) => Promise<Page<number>>) {
  const filter = ref('')
  let pages!: ReturnType<typeof usePages<number>>
  const Host = defineComponent({
    setup() {
      pages = usePages<number>({ key: computed(() => ['numbers', filter.value]), fetch, size: 2 })
      return () => h('i')
    },
  })
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } })
  mount(Host, { global: { plugins: [[VueQueryPlugin, { queryClient: client }]] } })
  return { pages, filter }
}

const all = [1, 2, 3, 4, 5]
async function some({ cursor, limit }: Where): Promise<Page<number>> {
  const from = Number(cursor ?? 0)
  const next = from + limit
  return { items: all.slice(from, next), next: next < all.length ? String(next) : null }
}

describe('pages', () => {
  it('go forward by the cursor and back over those seen', async () => {
    const { pages } = world(some)
    await vi.waitFor(() => expect(pages.items).toEqual([1, 2]))
    pages.next()
    await vi.waitFor(() => expect(pages.items).toEqual([3, 4]))
    pages.next()
    await vi.waitFor(() => expect(pages.items).toEqual([5]))
    expect(pages.hasNext).toBe(false)
    expect(pages.number).toBe(3)
    pages.back()
    await vi.waitFor(() => expect(pages.items).toEqual([3, 4]))
  })

  it('begin at the first page when the filters change', async () => {
    const asked: string[] = []
    const { pages, filter } = world((where) => {
      asked.push(where.cursor ?? 'first')
      return some(where)
    })
    await vi.waitFor(() => expect(pages.hasNext).toBe(true))
    pages.next()
    await vi.waitFor(() => expect(pages.items).toEqual([3, 4]))
    filter.value = 'other'
    await vi.waitFor(() => expect(asked).toEqual(['first', '2', 'first']))
    expect(pages.number).toBe(1)
  })

  it('show an error when there is nothing to show', async () => {
    const { pages } = world(() => Promise.reject(new Error('away')))
    await vi.waitFor(() => expect(pages.error).toBeTruthy())
    expect(pages.items).toEqual([])
  })
})

describe('everyItem', () => {
  it('follows the cursor to the end', async () => {
    const seen = await everyItem(({ cursor }) => some({ limit: 2, ...(cursor ? { cursor } : {}) }))
    expect(seen).toEqual(all)
  })
})
