import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, ok, onlyWhile, onSessionEnded, type Me } from '@/api/client'
import { asProblem } from '@/api/problem'
import { queries } from './query'
import { defaultZone } from './time'

/** Who was signed in on this device, so that the shell opens without a network. No token: that is in a cookie. */
const kept = 'liuke.me'

type State = 'unknown' | 'in' | 'out'

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  const state = ref<State>('unknown')
  const zone = ref(defaultZone)
  /** Whether whoever was here went by himself: the next one begins anew, not where he was. */
  const left = ref(false)

  const staffId = computed(() => me.value?.staff.id ?? '')
  const mustChangePassword = computed(() => me.value?.staff.password_changed === false)

  function take(now: Me): void {
    if (me.value && me.value.staff.id !== now.staff.id) return location.reload()
    me.value = now
    left.value = false
    state.value = 'in'
    localStorage.setItem(kept, JSON.stringify(now))
    void findZone(now.staff.store_id)
  }

  async function findZone(storeId: string | null): Promise<void> {
    zone.value = defaultZone
    if (!storeId) return
    const store = await ok(api.GET('/api/stores/{id}', { params: { path: { id: storeId } } })).catch(() => null)
    if (store?.time_zone) zone.value = store.time_zone
  }

  /** Asks the server who is signed in. Without an answer, whoever was last is shown, and calls will say what is wrong. */
  async function load(): Promise<void> {
    try {
      take(await ok(api.GET('/api/me')))
    } catch (error) {
      const last = localStorage.getItem(kept)
      if (asProblem(error).status !== 401 && last) {
        me.value = JSON.parse(last) as Me
        state.value = 'in'
      } else {
        end()
      }
    }
  }

  function end(): void {
    me.value = null
    state.value = 'out'
    localStorage.removeItem(kept)
    queries.clear()
  }

  async function signOut(everywhere: boolean): Promise<void> {
    await ok(everywhere ? api.DELETE('/api/sessions') : api.DELETE('/api/session'))
    left.value = true
    end()
  }

  onSessionEnded(end)

  // Windows of one browser share the session: where another person signs in or out in one, the others follow, so that
  // nobody writes in another's name. What was typed is kept, each person's for himself.
  function follow(): boolean {
    if (state.value !== 'in') return true
    const last = localStorage.getItem(kept)
    const same = last !== null && (JSON.parse(last) as Me).staff.id === staffId.value
    if (!same) location.reload()
    return same
  }
  window.addEventListener('storage', (e) => e.key === kept && follow())
  // A window that slept hears of it late: what it held back for its reader must not leave in the next one's name.
  onlyWhile(follow)

  return { me, state, left, zone, staffId, mustChangePassword, load, end, signOut }
})
