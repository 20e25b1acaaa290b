/** How far a zone is ahead of UTC at a moment, in milliseconds. */
function ahead(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  }).formatToParts(at)
  const of = (type: string) => Number(parts.find((p) => p.type === type)?.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(at / 1000) * 1000
}

/** The moment a day such as 2026-11-30 begins in a zone. */
export function startOfDay(day: string, zone: string): number {
  const utc = Date.parse(day + 'T00:00:00Z')
  const guess = utc - ahead(utc, zone)
  return utc - ahead(guess, zone)
}

/** The day so many days after another. */
export function addDays(day: string, n: number): string {
  return new Date(Date.parse(day + 'T00:00:00Z') + n * 86_400_000).toISOString().slice(0, 10)
}

/** How many days lie between two. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to + 'T00:00:00Z') - Date.parse(from + 'T00:00:00Z')) / 86_400_000)
}

/** The Monday of the week of a day. */
export function mondayOf(day: string): string {
  const weekday = (new Date(day + 'T00:00:00Z').getUTCDay() + 6) % 7
  return addDays(day, -weekday)
}
