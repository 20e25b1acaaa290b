import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, onScopeDispose, ref, watch, type Ref } from 'vue'
import { api, ok, type Schema } from '@/api/client'

/** How long typing rests before the server is asked. */
const rest = 250

/** What is typed, once the typing rests. */
export function useRested(text: Ref<string>): Ref<string> {
  const out = ref(text.value.trim())
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(text, (now) => {
    clearTimeout(timer)
    timer = setTimeout(() => (out.value = now.trim()), rest)
  })
  onScopeDispose(() => clearTimeout(timer))
  return out
}

/** The first members found by name, initials, phone digits or card. */
export function useFoundMembers(text: Ref<string>) {
  const asked = useRested(text)
  return useQuery({
    queryKey: computed(() => ['members', 'found', asked.value]),
    queryFn: () => ok(api.GET('/api/members', { params: { query: { limit: 50, q: asked.value } } })),
    placeholderData: (before) => before,
  })
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

/** Notes in a member's file, the newest first. */
export function useNotes(id: Ref<string>) {
  return useInfiniteQuery({
    queryKey: computed(() => ['member', id.value, 'notes']),
    queryFn: ({ pageParam }) =>
      ok(api.GET('/api/members/{id}/notes', { params: { path: { id: id.value }, query: { limit: 10, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (last: Schema['ListFileNote']) => last.next,
  })
}

/** Everything that happened to a member, the newest first. */
export function useTimeline(id: Ref<string>) {
  return useInfiniteQuery({
    queryKey: computed(() => ['member', id.value, 'timeline']),
    queryFn: ({ pageParam }) =>
      ok(api.GET('/api/members/{id}/timeline', { params: { path: { id: id.value }, query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (last: Schema['ListMoment']) => last.next,
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
