import { useSession } from '@/shared/session'

// Which received chats one has begun to read on this phone, the latest first. Only so many are remembered: a chat that
// was begun before all of them is shown from its first message once more, which harms nobody.
const most = 300
type Begun = [conversationId: string, receivedAt: string][]
const key = () => 'liuke.begun.' + useSession().staffId

function all(): Begun {
  return JSON.parse(localStorage.getItem(key()) ?? '[]') as Begun
}

/** Whether a chat that was received then has been begun here; received again by another handover it has not. */
export function hasBegun(conversationId: string, receivedAt: string): boolean {
  return all().some(([id, at]) => id === conversationId && at === receivedAt)
}

export function begin(conversationId: string, receivedAt: string): void {
  const others = all().filter(([id]) => id !== conversationId)
  try {
    localStorage.setItem(key(), JSON.stringify([[conversationId, receivedAt], ...others].slice(0, most)))
  } catch {
    // The phone's store is full: the chat begins at its first message next time, too.
  }
}
