import { useI18n } from 'vue-i18n'
import type { Conversation } from '@/api/client'
import { useTime } from '@/shared/use-time'
import { useDirectory } from '../kit/directory'

/** Who was told that a member waits, and when: first his clerk or the queue he stands in, then the store's manager. */
export function useWarned(): (c: Conversation) => string {
  const { t } = useI18n()
  const dir = useDirectory()
  const time = useTime()
  return (c) => {
    if (!c.warned) return ''
    const people = [c.clerk_id ? dir.staffName(c.clerk_id) || t('members.former') : c.store_id ? t('chats.warned_queue') : t('chats.warned_desk')]
    if (c.warned.step === 'red' && c.store_id) {
      const managers = dir.staff.value.filter((p) => p.active && p.role === 'manager' && p.store_id === c.store_id && p.id !== c.clerk_id)
      people.push(...(managers.length ? managers.map((p) => t('chats.warned_manager', { name: p.name })) : [t('chats.warned_store')]))
    }
    return t('chats.warned', { who: people.join(t('members.and')), at: time.short(c.warned.at) })
  }
}
