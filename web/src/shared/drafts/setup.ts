import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { api, ok } from '@/api/client'
import { serverNow } from '@/shared/clock'
import { onFeedEvent } from '@/shared/feed/live'
import { newId } from '@/shared/id'
import { queries } from '@/shared/query'
import { useSession } from '@/shared/session'
import { Drafts, type DraftServer, type DraftStore, type Kept } from './drafts'

const deviceKey = 'liuke.device'
const prefix = 'liuke.draft.'

/** The name of this browser, by which it knows its own writing in the feed. */
function device(): string {
  const known = localStorage.getItem(deviceKey)
  if (known) return known
  const made = newId()
  localStorage.setItem(deviceKey, made)
  return made
}

const store: DraftStore = {
  all(staffId) {
    const mine = prefix + staffId + '.'
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(mine))
    return new Map(keys.map((key) => [key.slice(mine.length), JSON.parse(localStorage.getItem(key) ?? '') as Kept]))
  },
  put(staffId, conversationId, kept) {
    try {
      localStorage.setItem(`${prefix}${staffId}.${conversationId}`, JSON.stringify(kept))
    } catch {
      // The phone's store is full: the draft lives as long as the page, and on the server.
    }
  },
  remove: (staffId, conversationId) => localStorage.removeItem(`${prefix}${staffId}.${conversationId}`),
}

const path = (id: string) => ({ path: { id } })
const server: DraftServer = {
  read: (id) => ok(api.GET('/api/conversations/{id}/draft', { params: path(id) })),
  save: (id, text, version) =>
    ok(api.PUT('/api/conversations/{id}/draft', { params: path(id), body: { text, version, device: device(), careful: true } })),
  drop: async (id, version) => {
    await ok(api.DELETE('/api/conversations/{id}/draft', { params: { ...path(id), query: { version, device: device() } } }))
  },
}

/** The conversation whose draft was put together last from two devices, anew each time. */
export const merged = shallowRef({ conversationId: '' })

export const drafts = new Drafts({
  store,
  server,
  now: serverNow,
  onMerged: (conversationId) => (merged.value = { conversationId }),
})

/** Keeps the drafts of whoever is signed in, on all his devices. */
export function setupDrafts(): void {
  const session = useSession()
  watch(
    () => (session.state === 'in' ? session.staffId : ''),
    (who) => drafts.serve(who),
    { immediate: true },
  )
  onFeedEvent((event) => {
    const id = event.data.conversation_id
    if (event.kind !== 'draft' || !id || event.data.device === device()) return
    void drafts.heard(id)
    void queries.invalidateQueries({ queryKey: ['conversations'] })
  })
  window.addEventListener('online', () => drafts.everything())
  window.addEventListener('storage', (e) => {
    const mine = `${prefix}${session.staffId}.`
    if (!e.key?.startsWith(mine)) return
    drafts.seen(e.key.slice(mine.length), e.newValue ? (JSON.parse(e.newValue) as Kept) : { text: '', base: '', version: 0, at: 0 })
  })
}

/** The draft of a chat that is open. */
export function useDraft(id: Ref<string>) {
  watch(
    id,
    (now, _before, onCleanup) => onCleanup(drafts.follow(now)),
    { immediate: true },
  )
  const hidden = () => document.visibilityState === 'hidden' && void drafts.save(id.value)
  document.addEventListener('visibilitychange', hidden)
  onScopeDispose(() => document.removeEventListener('visibilitychange', hidden))
  return computed({ get: () => drafts.text(id.value) ?? '', set: (text) => drafts.write(id.value, text) })
}
