import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { api, ok, onSessionEnded, type Me } from '@/api/client'
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

  const staffId = computed(() => me.value?.staff.id ?? '')
  const mustChangePassword = computed(() => me.value?.staff.password_changed === false)

  function take(now: Me): void {
    me.value = now
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
    end()
  }

  onSessionEnded(end)

  return { me, state, zone, staffId, mustChangePassword, load, end, signOut }
})
