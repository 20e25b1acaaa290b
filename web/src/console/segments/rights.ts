import { useSession } from '@/shared/session'
import { useScope } from '../kit/scope'

type Scope = 'account' | 'store' | 'own'

/** Who may change a segment: everybody his own, managers their store's, the owner all. The server holds it; this spares a refusal. */
export function useSegmentRights() {
  const scope = useScope()
  const session = useSession()
  const scopes: readonly Scope[] = scope.is('owner') ? ['account', 'store', 'own'] : scope.is('manager') ? ['store', 'own'] : ['own']
  const mine = (s: { scope: string; store_id: string | null; staff_id: string }) =>
    scope.is('owner') || (s.scope === 'own' && s.staff_id === session.staffId) || (s.scope === 'store' && scope.is('manager') && s.store_id === scope.storeId)
  return { scopes, mine }
}
