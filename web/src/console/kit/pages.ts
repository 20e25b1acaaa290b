import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, reactive, ref, watch, type Ref } from 'vue'

export interface Page<T> {
  items: T[] | null
  next: string | null
}

export interface Where {
  limit: number
  cursor?: string
}

export interface PageOptions<T> {
  /** Names the list and its filters; other filters begin at the first page. */
  key: Ref<readonly unknown[]>
  fetch: (where: Where) => Promise<Page<T>>
  size?: number
  enabled?: Ref<boolean>
  /** Asks again after so many milliseconds, for what changes without an event to the reader. */
  every?: number
}

/** A list that the server pages: one page at a time, forward by its cursor, back over the cursors seen. */
export function usePages<T>(o: PageOptions<T>) {
  const size = ref(o.size ?? 20)
  const cursors = ref<string[]>([])
  const reset = () => (cursors.value = [])
  watch([() => JSON.stringify(o.key.value), size], reset, { flush: 'sync' })
  const cursor = computed(() => cursors.value[cursors.value.length - 1] ?? '')
  const query = useQuery({
    queryKey: computed(() => [...o.key.value, 'page', size.value, cursor.value]),
    queryFn: () => o.fetch({ limit: size.value, ...(cursor.value ? { cursor: cursor.value } : {}) }),
    placeholderData: keepPreviousData,
    enabled: o.enabled ?? true,
    refetchInterval: o.every ?? false,
  })
  const items = computed(() => query.data.value?.items ?? [])
  const after = computed(() => query.data.value?.next ?? '')

  function next(): void {
    if (after.value && !query.isPlaceholderData.value) cursors.value = [...cursors.value, after.value]
  }

  function back(): void {
    cursors.value = cursors.value.slice(0, -1)
  }

  return reactive({
    items,
    size,
    number: computed(() => cursors.value.length + 1),
    hasNext: computed(() => after.value !== ''),
    hasBack: computed(() => cursors.value.length > 0),
    loading: query.isLoading,
    turning: computed(() => query.isFetching.value && query.isPlaceholderData.value),
    error: query.error,
    next,
    back,
    first: reset,
    retry: () => void query.refetch(),
  })
}

export type Pages = Omit<ReturnType<typeof usePages<unknown>>, 'items'> & { items: unknown[] }

/** Every item of a short list (stores, people), page by page. */
export async function everyItem<T>(fetch: (where: Where) => Promise<Page<T>>, most = 20_000): Promise<T[]> {
  const all: T[] = []
  let cursor = ''
  do {
    const page = await fetch({ limit: 100, ...(cursor ? { cursor } : {}) })
    all.push(...(page.items ?? []))
    cursor = page.next ?? ''
  } while (cursor && all.length < most)
  return all
}
