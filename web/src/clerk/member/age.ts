/** An age as people say it: days in the first month, months up to two years, then years (with months up to seven). */
export interface Age {
  unit: 'days' | 'months' | 'years' | 'years_months'
  years: number
  months: number
  days: number
}

type Day = readonly [year: number, month: number, day: number]

function parts(day: string): Day | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day)
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : null
}

const utc = (d: Day) => Date.UTC(d[0], d[1] - 1, d[2]) / 86_400_000

/** How old somebody born on one day is on another, both as 2026-11-03; null when a day is not one, or lies ahead. */
export function ageOn(birthday: string, today: string): Age | null {
  const [born, now] = [parts(birthday), parts(today)]
  if (!born || !now) return null
  const days = utc(now) - utc(born)
  if (days < 0) return null
  const total = (now[0] - born[0]) * 12 + now[1] - born[1] - (now[2] < born[2] ? 1 : 0)
  const [years, months] = [Math.floor(total / 12), total % 12]
  if (total < 1) return { unit: 'days', years, months, days }
  if (total < 24) return { unit: 'months', years, months: total, days }
  return { unit: years < 7 && months > 0 ? 'years_months' : 'years', years, months, days }
}

/** How many days until the next birthday; 0 on the day. The 29th of February is kept on the 1st of March in other years. */
export function daysToBirthday(birthday: string, today: string): number | null {
  const [born, now] = [parts(birthday), parts(today)]
  if (!born || !now) return null
  for (const year of [now[0], now[0] + 1]) {
    const days = utc([year, born[1], born[2]]) - utc(now)
    if (days >= 0) return days
  }
  return null
}
