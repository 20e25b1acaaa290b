import { shallowRef, watch } from 'vue'
import { api, ok, upload } from '@/api/client'
import { noteSent } from '@/shared/messages'
import { useSession } from '@/shared/session'
import { SafeStore } from './database'
import type { OutboxItem } from './item'
import { Outbox } from './outbox'

/** What was written and not taken yet, of whoever is signed in. */
export const unsent = shallowRef<OutboxItem[]>([])

const others = 'BroadcastChannel' in window ? new BroadcastChannel('liuke-outbox') : null

async function send(item: OutboxItem, keep: (change: Partial<OutboxItem>) => Promise<void>): Promise<void> {
  if (item.attachment && !item.mediaId) {
    const file = new Blob([item.attachment.bytes], { type: item.attachment.type })
    await keep({ mediaId: await upload(item.kind === 'voice' ? 'voice' : 'image', file) })
  }
  const message = await ok(
    api.POST('/api/conversations/{id}/messages', {
      params: { path: { id: item.conversationId } },
      body: {
        client_id: item.clientId,
        kind: item.kind,
        ...(item.text ? { text: item.text } : {}),
        ...(item.mediaId ? { media_id: item.mediaId } : {}),
      },
    }),
  )
  noteSent(item.conversationId, message)
}

export const outbox = new Outbox({
  store: new SafeStore(),
  send,
  onChange: (items) => (unsent.value = items),
  alone: async (work) => {
    if (navigator.locks) await navigator.locks.request('liuke-outbox', work)
    else await work()
  },
  tellOthers: () => others?.postMessage('changed'),
})

/** Sends for whoever is signed in, and again when the network comes back. */
export function setupOutbox(): void {
  const session = useSession()
  watch(
    () => (session.state === 'in' ? session.staffId : ''),
    (who) => void outbox.serve(who),
    { immediate: true },
  )
  window.addEventListener('online', () => outbox.kick())
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && outbox.kick())
  others?.addEventListener('message', () => void outbox.refresh())
}
