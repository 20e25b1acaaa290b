import { useI18n } from 'vue-i18n'
import { useSession } from '@/shared/session'
import { clockTime, fullDate } from '@/shared/time'

/** Day and time in full, for tables and records. */
export function useMoment() {
  const { locale } = useI18n()
  const session = useSession()
  return (at: string | null | undefined): string => {
    if (!at) return ''
    const ms = Date.parse(at)
    return `${fullDate(ms, locale.value, session.zone)} ${clockTime(ms, locale.value, session.zone)}`
  }
}
