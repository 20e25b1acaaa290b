import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ok, type Member, type Schema } from '@/api/client'
import { useLongList } from '@/shared/long-list'

/** What a list of members is narrowed by; what is not given takes all. */
export interface Filter {
  q?: string
  class?: 'seed' | 'key'
  sub_class?: string
  level?: string
  tag?: string
}

export type Spread = Schema['Spread']

/** Members whom the caller may see, the newest first, as far as they are scrolled to. */
export function useMemberList(filter: Ref<Filter>, awake: Ref<boolean>) {
  return useLongList<Member>({
    key: () => ['members', 'list', filter.value],
    fetch: (cursor) =>
      ok(api.GET('/api/members', { params: { query: { limit: 100, ...filter.value, ...(cursor ? { cursor } : {}) } } })),
    awake,
  })
}

/** How the members of a filter are spread over classes, levels and tags. */
export function useMemberCounts(filter: Ref<Filter>, awake: Ref<boolean>) {
  return useQuery({
    queryKey: computed(() => ['members', 'counts', filter.value]),
    queryFn: () => ok(api.GET('/api/member_counts', { params: { query: filter.value } })),
    placeholderData: (before) => before,
    enabled: awake,
  })
}

/** Sub-classes of a class that some member has whom the caller may see, the most common first. */
export function useSubClasses(name: Ref<string>) {
  const counts = useMemberCounts(
    computed(() => ({})),
    computed(() => name.value !== ''),
  )
  return computed(() =>
    (counts.data.value?.classes ?? [])
      .filter((c) => c.class === name.value && c.sub_class)
      .sort((a, b) => b.count - a.count)
      .slice(0, 20)
      .map((c) => c.sub_class as string),
  )
}
