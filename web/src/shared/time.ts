/** Every time is shown in the store's zone, whatever the phone is set to. */
export const defaultZone = 'Asia/Shanghai'

const formats = new Map<string, Intl.DateTimeFormat>()

function format(locale: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + zone + JSON.stringify(options)
  let found = formats.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone })
    formats.set(key, found)
  }
  return found
}

/** The calendar day as a number of days, so that days can be subtracted. */
function dayNumber(at: number, zone: string): number {
  const parts = format('en-CA', zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
  return Date.parse(parts + 'T00:00:00Z') / 86_400_000
}

/** The day of a moment in a zone, as 2026-11-03. */
export function dayOf(at: number, zone: string): string {
  return format('en-CA', zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
}

/** The hour and minute. */
export function clockTime(at: number, locale: string, zone: string): string {
  return format(locale, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
}

/** The day in words near today, as a date otherwise; empty for today. */
export function dayWords(at: number, now: number, locale: string, zone: string): string {
  const days = dayNumber(at, zone) - dayNumber(now, zone)
  if (days === 0) return ''
  if (days === -1 || days === 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day')
  }
  const sameYear = dayOf(at, zone).slice(0, 4) === dayOf(now, zone).slice(0, 4)
  return format(locale, zone, sameYear ? { month: 'short', day: 'numeric' } : { year: 'numeric', month: 'short', day: 'numeric' }).format(at)
}

/** Day and time as short as it can be: today only the time. */
export function dayAndTime(at: number, now: number, locale: string, zone: string): string {
  return [dayWords(at, now, locale, zone), clockTime(at, locale, zone)].filter(Boolean).join(' ')
}

/** What a list shows: the time today, the day before that. */
export function shortTime(at: number, now: number, locale: string, zone: string): string {
  return dayWords(at, now, locale, zone) || clockTime(at, locale, zone)
}

/** The date in full. */
export function fullDate(at: number, locale: string, zone: string): string {
  return format(locale, zone, { year: 'numeric', month: 'short', day: 'numeric' }).format(at)
}
