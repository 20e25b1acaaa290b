import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ok, type Schema } from '@/api/client'

export type HandIn = Schema['HandIn']
export type HandInItem = Schema['HandInItem']
export type Side = 'leaver' | 'manager'
type Facts = Schema['HandInFacts']

/** What is known about each kind of item; a number of nought is good news and not shown, but for the members. */
const known: Record<string, (keyof Facts)[]> = {
  files: ['members', 'incomplete_files'],
  promises: ['open_todos', 'pending_replies', 'drafts'],
  complaints: ['waiting'],
}

/** The facts to show beside an item: their names and numbers. */
export function factsOf(kind: string, facts: Facts): { fact: keyof Facts; n: number }[] {
  return (known[kind] ?? []).map((fact) => ({ fact, n: facts[fact] })).filter(({ fact, n }) => n > 0 || fact === 'members')
}

/** The signature of a side that holds, and else the last one that was voided. */
export function signatureOf(h: HandIn, side: Side): Schema['HandInSignature'] | undefined {
  const of = (h.signatures ?? []).filter((s) => s.side === side)
  return of.find((s) => !s.voided_at) ?? of[0]
}

/** The last day itself: the server says when it is over. */
export function lastDay(leavingAt: string): string {
  return new Date(Date.parse(leavingAt) - 1).toISOString()
}

/** The hand-in checklist of a person, and what can be done to it. */
export function useHandIn(staffId: Ref<string>, enabled: Ref<boolean> = computed(() => true)) {
  const client = useQueryClient()
  const key = computed(() => ['hand_in', staffId.value])
  const query = useQuery({
    queryKey: key,
    queryFn: () => ok(api.GET('/api/staff/{id}/hand_in', { params: { path: { id: staffId.value } } })),
    enabled: computed(() => enabled.value && staffId.value !== ''),
  })
  const take = (h: HandIn) => client.setQueryData(key.value, h)
  const again = () => client.invalidateQueries({ queryKey: key.value })
  const change = useMutation({
    mutationFn: (c: { item: string; done?: boolean; note?: string }) => {
      const { item, ...body } = c
      return ok(api.PATCH('/api/staff/{id}/hand_in/items/{item_id}', { params: { path: { id: staffId.value, item_id: item } }, body }))
    },
    onSuccess: take,
    onError: again,
  })
  const add = useMutation({
    mutationFn: (title: string) => ok(api.POST('/api/staff/{id}/hand_in/items', { params: { path: { id: staffId.value } }, body: { title } })),
    onSuccess: take,
    onError: again,
  })
  const drop = useMutation({
    mutationFn: (item: string) => ok(api.DELETE('/api/staff/{id}/hand_in/items/{item_id}', { params: { path: { id: staffId.value, item_id: item } } })),
    onSettled: again,
  })
  const sign = useMutation({
    mutationFn: (version: number) => ok(api.POST('/api/staff/{id}/hand_in/sign', { params: { path: { id: staffId.value } }, body: { version } })),
    onSuccess: take,
    onError: again,
  })
  return { query, change, add, drop, sign }
}
