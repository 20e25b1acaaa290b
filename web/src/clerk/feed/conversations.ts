import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ok, type Conversation, type Schema } from '@/api/client'
import { queries } from '@/shared/query'

export type Queue = 'mine' | 'waiting' | 'store'
type Page = Schema['ListConversation']

const pageSize = 50

/** Conversations of a queue, whoever waits longest first. */
export function useQueue(queue: Ref<Queue>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => ['conversations', queue.value]),
    queryFn: ({ pageParam }) =>
      ok(
        api.GET('/api/conversations', {
          params: { query: { queue: queue.value, limit: pageSize, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last: Page) => last.next,
  })
  const items = computed(() => query.data.value?.pages.flatMap((p) => p.items) ?? [])
  return { query, items }
}

/** One conversation; a list that was seen shows it until the server answers. */
export function useConversation(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => ['conversation', id.value]),
    queryFn: () => ok(api.GET('/api/conversations/{id}', { params: { path: { id: id.value } } })),
    placeholderData: () => loaded().find((c) => c.id === id.value),
    staleTime: 0,
  })
}

/** Every conversation that some list has loaded. */
export function loaded(): Conversation[] {
  const all = new Map<string, Conversation>()
  for (const [, data] of queries.getQueriesData<InfiniteData<Page>>({ queryKey: ['conversations'] })) {
    for (const c of data?.pages.flatMap((p) => p.items) ?? []) all.set(c.id, c)
  }
  return [...all.values()]
}

/** How many messages of mine are unread, as far as they are loaded. */
export function useUnread() {
  const { items } = useQueue(computed(() => 'mine' as const))
  return computed(() => items.value.reduce((sum, c) => sum + c.unread, 0))
}

/** Takes a member from the store's queue. */
export function useClaim() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => ok(api.POST('/api/conversations/{id}/claim', { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['conversations'] }),
  })
}
