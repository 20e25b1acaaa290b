import type { Schema } from '@/api/client'
import { daysBetween } from '@/shared/days'
import { dayOf } from '@/shared/time'

export type Substitute = Schema['Substitute']

/** When a substitution is over: at its end, or when somebody ended it. */
export function endOf(s: Substitute): number {
  return Math.min(Date.parse(s.to), s.ended_at ? Date.parse(s.ended_at) : Infinity)
}

export type State = 'planned' | 'running' | 'over' | 'ended'

/** How a substitution stands at a time. */
export function stateOf(s: Substitute, now: number): State {
  if (s.ended_at && Date.parse(s.ended_at) < Date.parse(s.to)) return 'ended'
  if (Date.parse(s.to) <= now) return 'over'
  return Date.parse(s.from) > now ? 'planned' : 'running'
}

export interface Bar {
  sub: Substitute
  first: number // column of its first day, 0 at the left
  last: number // column of its last day
}

export interface Row {
  id: string
  name: string
  lanes: Bar[][] // bars of one lane do not overlap
}

/** Who is absent in a span of days from `from` on, with the bars of who stands in, each in the first lane with room. */
export function rowsOf(subs: Substitute[], from: string, days: number, zone: string): Row[] {
  const rows = new Map<string, Row>()
  for (const sub of [...subs].sort((a, b) => a.from.localeCompare(b.from))) {
    const first = daysBetween(from, dayOf(Date.parse(sub.from), zone))
    const last = daysBetween(from, dayOf(endOf(sub) - 1, zone))
    if (last < 0 || first >= days || last < first) continue
    const bar = { sub, first: Math.max(0, first), last: Math.min(days - 1, last) }
    const row = rows.get(sub.clerk_id) ?? { id: sub.clerk_id, name: sub.clerk_name, lanes: [] }
    rows.set(sub.clerk_id, row)
    const lane = row.lanes.find((l) => (l[l.length - 1]?.last ?? -1) < bar.first)
    if (lane) lane.push(bar)
    else row.lanes.push([bar])
  }
  return [...rows.values()].sort((a, b) => a.name.localeCompare(b.name, 'zh'))
}
