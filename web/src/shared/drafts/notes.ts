import { reactive } from 'vue'
import { useSession } from '@/shared/session'

// Notes for colleagues are kept apart from replies, and on this device only: a note that came back as a draft could be
// sent to the member.
const cache = reactive(new Map<string, string>())
const mine = () => `liuke.note.${useSession().staffId}.`
const keyOf = (conversationId: string) => mine() + conversationId

/** How many notes were typed here and not kept yet. */
export function typedNotes(): number {
  return Object.keys(localStorage).filter((key) => key.startsWith(mine())).length
}

/** The note that was typed and not kept yet. */
export function noteOf(conversationId: string): string {
  const key = keyOf(conversationId)
  return cache.get(key) ?? localStorage.getItem(key) ?? ''
}

export function typeNote(conversationId: string, text: string): void {
  const key = keyOf(conversationId)
  cache.set(key, text)
  try {
    if (text) localStorage.setItem(key, text)
    else localStorage.removeItem(key)
  } catch {
    // The phone's store is full: the note lives as long as the page.
  }
}
