import { onScopeDispose, watch, type Ref } from 'vue'
import { api, ok } from '@/api/client'
import { queries } from '@/shared/query'

/** Tells the server what has been read, while the chat is in front of somebody. */
export function useReading(id: Ref<string>, unread: Ref<number>, newest: Ref<string>): void {
  let told = ''
  async function tell(): Promise<void> {
    const upTo = newest.value
    if (!upTo || unread.value === 0 || told === upTo || document.visibilityState !== 'visible') return
    told = upTo
    try {
      await ok(api.POST('/api/conversations/{id}/read', { params: { path: { id: id.value } }, body: { up_to: upTo } }))
      void queries.invalidateQueries({ queryKey: ['conversations'] })
      void queries.invalidateQueries({ queryKey: ['conversation', id.value] })
    } catch {
      told = '' // the next message or look tells again
    }
  }
  watch([newest, unread], () => void tell(), { immediate: true })
  const look = () => void tell()
  document.addEventListener('visibilitychange', look)
  onScopeDispose(() => document.removeEventListener('visibilitychange', look))
}
