import type { Schema } from '@/api/client'

type Span = Schema['Span']

/** Copies that may be typed into; the end of a day is written 00:00, because the field for times knows no 24:00. */
export function editable(hours: readonly Span[] | null | undefined): Span[] {
  return (hours ?? []).map((s) => ({ ...s, to: s.to === '24:00' ? '00:00' : s.to }))
}

/** In the order of the week, as the server gives them. */
export function ordered(hours: readonly Span[]): Span[] {
  return [...hours]
    .map((s) => ({ ...s, to: s.to === '00:00' ? '24:00' : s.to }))
    .sort((a, b) => a.weekday - b.weekday || a.from.localeCompare(b.from))
}

/** Every begun span has its two times. */
export function whole(hours: readonly Span[]): boolean {
  return hours.every((s) => s.from && s.to)
}

/** Whether two weeks say the same. */
export function same(a: readonly Span[], b: readonly Span[]): boolean {
  const line = (w: readonly Span[]) => ordered(w).map((s) => `${s.weekday} ${s.from} ${s.to}`).join()
  return line(a) === line(b)
}
