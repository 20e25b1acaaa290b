import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ok, type Schema } from '@/api/client'
import { useNow } from '@/shared/clock'
import { useSession } from '@/shared/session'

export type Substitute = Schema['Substitute']

/** How a substitution concerns a person at a time; null: not at all. */
export function sideOf(s: Substitute, me: string, now: number): 'stands_in' | 'will_stand_in' | 'is_absent' | null {
  if (s.ended_at || Date.parse(s.to) <= now) return null
  const begun = Date.parse(s.from) <= now
  if (s.substitute_id === me) return begun ? 'stands_in' : 'will_stand_in'
  return s.clerk_id === me && begun ? 'is_absent' : null
}

/** The substitutions that the person is part of, now or soon; the first that ends first. */
export function useSubstitutes() {
  const session = useSession()
  const now = useNow()
  const query = useQuery({
    queryKey: computed(() => ['substitutes', session.staffId]),
    queryFn: () => ok(api.GET('/api/substitutes', { params: { query: { from: new Date(now.value).toISOString(), limit: 50 } } })),
    enabled: computed(() => session.staffId !== ''),
  })
  return computed(() =>
    (query.data.value?.items ?? [])
      .flatMap((s) => {
        const side = sideOf(s, session.staffId, now.value)
        return side ? [{ ...s, side }] : []
      })
      .sort((a, b) => a.to.localeCompare(b.to)),
  )
}
