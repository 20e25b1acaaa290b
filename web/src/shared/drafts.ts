import { reactive } from 'vue'
import { useSession } from './session'

const cache = reactive(new Map<string, string>())

function keyOf(conversationId: string): string {
  return `liuke.draft.${useSession().staffId}.${conversationId}`
}

/** What was typed into a chat and not sent, on this phone. */
export function draftOf(conversationId: string): string {
  const key = keyOf(conversationId)
  return cache.get(key) ?? localStorage.getItem(key) ?? ''
}

/** Keeps it at every stroke, so that nothing typed is lost. */
export function keepDraft(conversationId: string, text: string): void {
  const key = keyOf(conversationId)
  cache.set(key, text)
  try {
    if (text) localStorage.setItem(key, text)
    else localStorage.removeItem(key)
  } catch {
    // The phone's store is full: the draft lives as long as the page.
  }
}
