import { showToast } from 'vant'
import { ref, type Ref } from 'vue'
import { api, ok } from '@/api/client'
import { serverNow } from '@/shared/clock'
import { useExplain } from '@/shared/explain'
import { newId } from '@/shared/id'
import type { OutboxItem } from '@/shared/outbox/item'
import { outbox } from '@/shared/outbox/setup'
import { shrink } from '@/shared/picture'
import { queries } from '@/shared/query'

/** What can be written into a chat. Everything goes through the outbox, with and without a network. */
export function useWriting(id: Ref<string>) {
  const explain = useExplain()
  const busy = ref(false)

  async function text(words: string, note: boolean): Promise<void> {
    await outbox.add({ clientId: newId(), conversationId: id.value, kind: note ? 'note' : 'text', text: words.trim(), at: serverNow() })
  }

  async function picture(file: Blob): Promise<void> {
    busy.value = true
    try {
      const small = await shrink(file)
      const attachment = { type: small.type, bytes: await small.arrayBuffer() }
      await outbox.add({ clientId: newId(), conversationId: id.value, kind: 'image', text: '', attachment, at: serverNow() })
    } catch (error) {
      showToast(explain(error))
    } finally {
      busy.value = false
    }
  }

  /** Fails when the phone cannot keep it. */
  async function voice(file: Uint8Array): Promise<void> {
    const attachment = { type: 'audio/amr', bytes: file.slice().buffer }
    await outbox.add({ clientId: newId(), conversationId: id.value, kind: 'voice', text: '', attachment, at: serverNow() })
  }

  async function withdraw(messageId: string): Promise<boolean> {
    try {
      await ok(
        api.DELETE('/api/conversations/{id}/messages/{message_id}', { params: { path: { id: id.value, message_id: messageId } } }),
      )
      return true
    } catch (error) {
      showToast(explain(error))
      return false
    } finally {
      void queries.invalidateQueries({ queryKey: ['messages', id.value] })
    }
  }

  const discard = (item: OutboxItem) => outbox.discard(item)
  return { text, picture, voice, withdraw, discard, busy }
}
