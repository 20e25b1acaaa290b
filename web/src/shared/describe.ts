import { useI18n } from 'vue-i18n'
import type { Message } from '@/api/client'

interface Line {
  kind: string
  text: string
}

/** One line that says what a message is. */
export function useDescribe(): (m: Line) => string {
  const { t, te } = useI18n()
  return (m) => {
    if (['text', 'note'].includes(m.kind) && m.text) return m.text.replace(/\s+/g, ' ')
    const key = `kind.${m.kind}`
    const name = te(key) ? t(key) : t('kind.unsupported')
    return m.text && m.kind !== 'event' ? `${name} ${m.text}` : name
  }
}

/** What the member did, as a line of the chat. */
export function useEventWords(): (m: Message) => string {
  const { t, te } = useI18n()
  return (m) => {
    const event = (m.event?.event ?? '').toLowerCase()
    const key = `event.${event}`
    return te(key) ? t(key, { key: m.event?.key ?? '' }) : t('event.other')
  }
}
