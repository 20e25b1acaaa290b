import { useQueries } from '@tanstack/vue-query'
import { computed, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'

interface Answer<T> {
  items: T[]
  next: string | null
}

/** A page with the list it belongs to and where in it the server began. */
interface Page<T> extends Answer<T> {
  list: string
  cursor: string
}

/** How many rows before the end of what is loaded the next page is asked for. */
const ahead = 40

/**
 * Lays a page that has just come over those of its list. It follows the page that names its cursor; after the last one
 * nothing is left. A page whose place is gone by now is dropped.
 */
export function lay<T>(pages: Page<T>[], fresh: Page<T>): Page<T>[] {
  const at = fresh.cursor === '' ? 0 : pages.findIndex((p) => p.next === fresh.cursor) + 1
  if (at === 0 && fresh.cursor !== '') return pages
  if (pages[at] === fresh) return pages
  return [...pages.slice(0, at), fresh, ...(fresh.next === null ? [] : pages.slice(at + 1))]
}

/**
 * A list of thousands: it grows while it is scrolled, and only the pages on screen are kept up to date, so that an event
 * costs one or two calls however far somebody has scrolled. The rows of the list before stay until the first of
 * another have come. Nothing is asked while the list is not `awake`.
 */
export function useLongList<T>(options: {
  key: MaybeRefOrGetter<readonly unknown[]>
  fetch: (cursor: string) => Promise<Answer<T>>
  awake: MaybeRefOrGetter<boolean>
}) {
  const list = computed(() => JSON.stringify(toValue(options.key)))
  const kept = shallowRef<Page<T>[]>([])
  const span = shallowRef({ list: '', first: 0, last: 0 })
  const pages = computed(() => (kept.value[0]?.list === list.value ? kept.value : []))

  const wanted = computed(() => {
    const { first, last } = span.value.list === list.value ? span.value : { first: 0, last: 0 }
    const cursors: string[] = []
    for (let n = first; n <= last; n++) {
      const cursor = n === 0 ? '' : pages.value[n - 1]?.next
      if (cursor !== null && cursor !== undefined) cursors.push(cursor)
    }
    return cursors
  })
  const results = useQueries({
    queries: () => {
      const [key, name] = [toValue(options.key), list.value]
      return wanted.value.map((cursor) => ({
        queryKey: [...key, cursor],
        queryFn: async (): Promise<Page<T>> => ({ ...(await options.fetch(cursor)), list: name, cursor }),
        enabled: toValue(options.awake),
      }))
    },
  })
  watch(
    results,
    (now) => {
      for (const { data } of now) if (data?.list === list.value) kept.value = lay(pages.value, data)
    },
    { immediate: true },
  )

  const items = computed(() => kept.value.flatMap((p) => p.items))
  const failed = computed(() => results.value.find((r) => r.isError)?.error ?? null)
  const loaded = computed(() => pages.value.length > 0)
  const pending = computed(() => !loaded.value && failed.value === null)
  const hasMore = computed(() => (kept.value[kept.value.length - 1]?.next ?? null) !== null)

  /** Tells which rows are on screen. */
  function see(first: number, last: number): void {
    if (pages.value.length === 0) return
    let [begin, from, to] = [0, 0, 0]
    pages.value.forEach((p, n) => {
      if (begin <= first) from = n
      if (begin <= last) to = n
      begin += p.items.length
    })
    if (last >= begin - ahead) to = pages.value.length
    const now = span.value
    if (now.list !== list.value || now.first !== from || now.last !== to) span.value = { list: list.value, first: from, last: to }
  }

  async function again(): Promise<void> {
    await Promise.all(results.value.map((r) => r.refetch()))
  }

  return { items, loaded, pending, failed, hasMore, see, again }
}
