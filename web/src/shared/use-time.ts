import { useI18n } from 'vue-i18n'
import { serverNow } from './clock'
import { useSession } from './session'
import * as time from './time'

/** The times of lists and chats, in the person's language and the store's zone. */
export function useTime() {
  const { locale } = useI18n()
  const session = useSession()
  return {
    short: (at: string, now = serverNow()) => time.shortTime(Date.parse(at), now, locale.value, session.zone),
    dayAndTime: (at: string, now = serverNow()) => time.dayAndTime(Date.parse(at), now, locale.value, session.zone),
    date: (at: string) => time.fullDate(Date.parse(at), locale.value, session.zone),
    isToday: (at: string) => time.dayOf(Date.parse(at), session.zone) === time.dayOf(serverNow(), session.zone),
  }
}
