import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, watch, type Ref } from 'vue'
import { api, ok, type Schema } from '@/api/client'

type Page = Schema['ListMember']

/** How long typing rests before the server is asked. */
const rest = 250

function rested(text: Ref<string>): Ref<string> {
  const out = ref(text.value)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(text, (now) => {
    clearTimeout(timer)
    timer = setTimeout(() => (out.value = now), rest)
  })
  return out
}

/** Members whom the caller may see, found by name, initials, phone digits or card. */
export function useMembers(text: Ref<string>) {
  const asked = rested(text)
  const query = useInfiniteQuery({
    queryKey: computed(() => ['members', asked.value]),
    queryFn: ({ pageParam }) =>
      ok(
        api.GET('/api/members', {
          params: { query: { limit: 100, ...(asked.value ? { q: asked.value } : {}), ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last: Page) => last.next,
    placeholderData: keepPreviousData,
  })
  const items = computed(() => query.data.value?.pages.flatMap((p) => p.items) ?? [])
  return { query, items }
}

/** A member's file. Reading it is recorded, so it is read when it is opened and not before. */
export function useMember(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => ['member', id.value]),
    queryFn: () => ok(api.GET('/api/members/{id}', { params: { path: { id: id.value } } })),
  })
}

/** To whom a member belonged, the newest first. */
export function useBindings(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => ['bindings', id.value]),
    queryFn: () => ok(api.GET('/api/members/{id}/bindings', { params: { path: { id: id.value }, query: { limit: 100 } } })),
  })
}

/** Names of the people and stores that the caller may see. */
export function useNames() {
  const staff = useQuery({
    queryKey: ['staff-names'],
    queryFn: () => ok(api.GET('/api/staff', { params: { query: { limit: 100 } } })),
    staleTime: 10 * 60_000,
  })
  const stores = useQuery({
    queryKey: ['store-names'],
    queryFn: () => ok(api.GET('/api/stores', { params: { query: { limit: 100 } } })),
    staleTime: 10 * 60_000,
  })
  return {
    person: (id: string | null) => staff.data.value?.items.find((p) => p.id === id)?.name ?? '',
    store: (id: string | null) => stores.data.value?.items.find((s) => s.id === id)?.name ?? '',
  }
}

/** After something about members changed by our own hand. */
export function useMembersChanged() {
  const client = useQueryClient()
  return () => {
    for (const key of ['members', 'member', 'bindings', 'conversations', 'conversation']) {
      void client.invalidateQueries({ queryKey: [key] })
    }
  }
}
