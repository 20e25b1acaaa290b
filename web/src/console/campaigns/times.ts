import { addDays, startOfDay } from '@/shared/days'
import { clockTime, dayOf } from '@/shared/time'

/** Minutes of the day as they are typed, and back. */
export const clock = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

export function minuteOf(text: string): number | null {
  const m = /^(\d\d):(\d\d)$/.exec(text)
  return m ? Number(m[1]) * 60 + Number(m[2]) : null
}

/** A moment as a field for day and time shows it in a zone, and back: 2026-11-30T09:00. */
export const typedMoment = (at: number, zone: string) => `${dayOf(at, zone)}T${clockTime(at, 'en-GB', zone)}`

export function momentOf(typed: string, zone: string): number | null {
  const [day, time] = typed.split('T')
  const minute = minuteOf(time?.slice(0, 5) ?? '')
  if (!day || minute === null || Number.isNaN(Date.parse(day))) return null
  return startOfDay(day, zone) + minute * 60_000
}

/** When the quiet hours that hold at a moment end; null: it is not quiet. */
export function quietUntil(at: number, from: number, to: number, zone: string): number | null {
  if (from === to) return null
  const minute = minuteOf(clockTime(at, 'en-GB', zone)) ?? 0
  const quiet = from < to ? minute >= from && minute < to : minute >= from || minute < to
  if (!quiet) return null
  const today = dayOf(at, zone)
  const day = minute < to ? today : addDays(today, 1)
  return startOfDay(day, zone) + to * 60_000
}
