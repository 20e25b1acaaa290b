import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, ref, watch, type Ref } from 'vue'
import { api, ok, type Conversation, type Schema } from '@/api/client'
import { begin, hasBegun } from './begun'

/**
 * A chat that one got by a handover is read from its first message on, the first time on this phone: who takes somebody
 * over begins where he began.
 */
export function useBeginning(id: Ref<string>, conversation: Ref<Conversation | undefined>) {
  const on = ref(false)
  const received = computed(() => conversation.value?.received ?? null)
  watch(
    () => [id.value, received.value?.at] as const,
    ([, at]) => (on.value = at !== undefined && !hasBegun(id.value, at)),
    { immediate: true },
  )
  const query = useInfiniteQuery({
    queryKey: computed(() => ['messages', id.value, 'first']),
    queryFn: ({ pageParam }) =>
      ok(
        api.GET('/api/conversations/{id}/messages', {
          params: { path: { id: id.value }, query: { from: 'first', limit: 30, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last: Schema['ListMessage']) => last.next,
    enabled: on,
    staleTime: 0,
  })

  const items = computed(() => query.data.value?.pages.flatMap((p) => p.items) ?? [])
  watch(
    () => on.value && items.value.length > 0,
    (seen) => seen && received.value && begin(id.value, received.value.at),
    { immediate: true },
  )
  return { on, query, items, from: computed(() => received.value?.from_name ?? '') }
}
