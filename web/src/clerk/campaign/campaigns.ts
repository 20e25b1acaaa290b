import { useInfiniteQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ok, type Schema } from '@/api/client'

export type MyCampaign = Schema['MyCampaign']
export type Letter = Schema['Letter']

/** Campaigns that are to go out in one's own name. */
export function useMyCampaigns() {
  const query = useInfiniteQuery({
    queryKey: ['my_campaigns', 'list'],
    queryFn: ({ pageParam }) => ok(api.GET('/api/my_campaigns', { params: { query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (last: Schema['ListMyCampaign']) => last.next,
  })
  return { query, items: computed(() => query.data.value?.pages.flatMap((p) => p.items) ?? []) }
}

/** What each of one's own members is to get of a campaign. */
export function useLetters(id: Ref<string>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => ['my_campaigns', 'letters', id.value]),
    queryFn: ({ pageParam }) =>
      ok(api.GET('/api/my_campaigns/{id}/letters', { params: { path: { id: id.value }, query: { limit: 30, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (last: Schema['ListLetter']) => last.next,
  })
  return { query, items: computed(() => query.data.value?.pages.flatMap((p) => p.items) ?? []) }
}

export function useMyCampaignsChanged() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['my_campaigns'] })
}
