import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ok, type Message } from '@/api/client'
import { queries } from './query'

/** The newest messages as far as they were seen, the newest first, and where the older ones begin. */
export interface Newest {
  items: Message[]
  next: string | null
}

const pageSize = 30

async function page(id: string, cursor?: string | null, limit = pageSize): Promise<Newest> {
  return ok(
    api.GET('/api/conversations/{id}/messages', {
      params: { path: { id }, query: { limit, ...(cursor ? { cursor } : {}) } },
    }),
  )
}

/** Of our own messages, those of which something will still be heard. */
export function unsettled(m: Message): boolean {
  return m.direction === 'out' && ['queued', 'sending', 'pending'].includes(m.state)
}

/** Brings what was seen of a chat up to date, as far back as a message may have changed. */
async function refresh(id: string): Promise<Newest> {
  const before = queries.getQueryData<Newest>(['messages', id])
  let fresh = await page(id)
  for (;;) {
    const merged = merge(before, fresh)
    const covered = new Set(fresh.items.map((m) => m.id))
    if (!fresh.next || !merged.items.some((m) => unsettled(m) && !covered.has(m.id))) return merged
    const more = await page(id, fresh.next, 100)
    fresh = { items: [...fresh.items, ...more.items], next: more.next }
  }
}

/**
 * Lays a fresh first page over what was seen before, so that one call brings a chat up to date however far its history
 * was read. If the two do not meet, something is missing between them and the old is let go.
 */
export function merge(before: Newest | undefined, fresh: Newest): Newest {
  if (!before || fresh.next === null) return fresh
  const now = new Set(fresh.items.map((m) => m.id))
  if (!before.items.some((m) => now.has(m.id))) return fresh
  return { items: [...fresh.items, ...before.items.filter((m) => !now.has(m.id))], next: before.next }
}

/** Puts a message that the server has just taken into its chat, before the feed tells of it. */
export function noteSent(conversationId: string, message: Message): void {
  queries.setQueryData<Newest>(['messages', conversationId], (before) => {
    if (!before || before.items.some((m) => m.id === message.id)) return before
    return { ...before, items: [message, ...before.items] }
  })
  void queries.invalidateQueries({ queryKey: ['messages', conversationId] })
  void queries.invalidateQueries({ queryKey: ['conversation', conversationId] })
  void queries.invalidateQueries({ queryKey: ['conversations'] })
}

/** The messages of a chat, the newest first. */
export function useMessages(id: Ref<string>) {
  const newest = useQuery({
    queryKey: computed(() => ['messages', id.value]),
    queryFn: () => refresh(id.value),
    staleTime: 0,
  })
  const from = computed(() => newest.data.value?.next ?? null)
  const older = useInfiniteQuery({
    queryKey: computed(() => ['messages-older', id.value, from.value]),
    queryFn: ({ pageParam }) => page(id.value, pageParam || from.value),
    initialPageParam: '',
    getNextPageParam: (last: Newest) => last.next,
    enabled: false,
    staleTime: Infinity,
    gcTime: 0,
  })
  const items = computed(() => [
    ...(newest.data.value?.items ?? []),
    ...(older.data.value?.pages.flatMap((p) => p.items) ?? []),
  ])
  const hasOlder = computed(() => (older.data.value ? older.hasNextPage.value : from.value !== null))

  async function loadOlder(): Promise<void> {
    if (!hasOlder.value || older.isFetching.value) return
    if (older.data.value) await older.fetchNextPage()
    else await older.refetch()
  }

  return { newest, older, items, hasOlder, loadOlder }
}
