import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { useSession } from '@/shared/session'

const kept = 'liuke.console.store.'

/** What the reader may do, and which store he is looking at: all of his by default. */
export const useScope = defineStore('scope', () => {
  const session = useSession()
  const role = computed(() => session.me?.staff.role ?? '')
  const is = (...roles: string[]) => roles.includes(role.value)
  /** Owner, service desk and supervisor see more than one store. */
  const many = computed(() => is('owner', 'support', 'supervisor'))
  const chosen = ref('')
  watch(
    () => session.staffId,
    (who) => (chosen.value = sessionStorage.getItem(kept + who) ?? ''),
    { immediate: true, flush: 'sync' },
  )
  const storeId = computed(() => (many.value ? chosen.value : (session.me?.staff.store_id ?? '')))

  function choose(id: string): void {
    chosen.value = id
    sessionStorage.setItem(kept + session.staffId, id)
  }

  return { role, is, many, chosen, storeId, choose }
})
