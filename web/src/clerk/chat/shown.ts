import type { Message } from '@/api/client'
import type { OutboxItem } from '@/shared/outbox/item'

/** A message as the chat shows it: the server's, or one that still lies on this phone. */
export interface Shown extends Omit<Message, 'state'> {
  state: Message['state'] | 'local' | 'local_refused'
  local?: OutboxItem
}

/** An item of the outbox as a message. */
export function localMessage(item: OutboxItem, author: { id: string; name: string }): Shown {
  return {
    id: item.clientId,
    client_id: item.clientId,
    direction: 'out',
    kind: item.kind,
    text: item.text,
    state: item.refused ? 'local_refused' : 'local',
    reason: item.refused ?? null,
    author: { kind: 'staff', id: author.id, name: author.name },
    at: new Date(item.at).toISOString(),
    media: null,
    link: null,
    location: null,
    event: null,
    raw: null,
    on_behalf_of: null,
    campaign: null,
    local: item,
  }
}

/** The server's messages, then what it has not taken yet; the oldest first. */
export function together(messages: Message[], items: OutboxItem[], author: { id: string; name: string }): Shown[] {
  const taken = new Set(messages.map((m) => m.client_id).filter(Boolean))
  const local = items.filter((i) => !taken.has(i.clientId)).map((i) => localMessage(i, author))
  return [...[...messages].reverse(), ...local]
}

/** A pause after which the time is written above a message. */
const pause = 5 * 60_000

/** Whether the time stands above a message. */
export function timeAbove(all: Shown[], i: number): boolean {
  const now = all[i]
  const before = all[i - 1]
  return Boolean(now) && (!before || Date.parse(now!.at) - Date.parse(before.at) > pause)
}

/** One of ours: it stands at the end of the line. Notes are ours though they go nowhere. */
export function isOurs(m: Shown): boolean {
  return m.author.kind !== 'member'
}
