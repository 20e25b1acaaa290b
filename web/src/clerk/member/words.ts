import { useI18n } from 'vue-i18n'
import type { Member, Schema } from '@/api/client'
import { serverNow } from '@/shared/clock'
import { useSession } from '@/shared/session'
import { dayOf } from '@/shared/time'
import { ageOn, daysToBirthday } from './age'

export type Child = Schema['Child']

/** Words for what a member's file says. */
export function useMemberWords() {
  const { t, te, locale } = useI18n()
  const session = useSession()
  const today = () => dayOf(serverNow(), session.zone)
  const known = (key: string, word: string) => (te(`${key}.${word}`) ? t(`${key}.${word}`) : word)

  const level = (word: string) => known('level', word)
  const className = (name: string, sub?: string | null) => [known('class', name), sub].filter(Boolean).join(' · ')
  const day = (date: string) =>
    new Intl.DateTimeFormat(locale.value, { year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' }).format(Date.parse(date + 'T00:00:00Z'))

  function age(birthday: string): string {
    const a = ageOn(birthday, today())
    return a ? t('age.' + a.unit, { years: a.years, months: a.months, days: a.days }) : day(birthday)
  }

  /** A child in a line: name, sex, age. */
  function child(c: Child): string {
    return [c.name, c.sex ? t(`sex.child_${c.sex}`) : '', age(c.birthday)].filter(Boolean).join(' ')
  }

  /** That a birthday is near: within a week; otherwise nothing. */
  function birthdaySoon(birthday: string | null): string {
    const days = birthday ? daysToBirthday(birthday, today()) : null
    if (days === null || days > 7) return ''
    return days === 0 ? t('member.birthday_today') : t('member.birthday_soon', { n: days })
  }

  /** How and when the member wants to be reached. */
  function reach(m: Member): string {
    return [m.preferred_channel ? t('channel.' + m.preferred_channel) : '', m.preferred_hours].filter(Boolean).join(' · ')
  }

  return { today, level, className, day, age, child, birthdaySoon, reach }
}
