import type { Schema } from '@/api/client'

export type Count = Schema['RecipientCount']

/** One line of a sum: what it is of, how many, and why, the most frequent first. */
export interface Sum {
  of: string
  n: number
  why: { reason: string; n: number }[]
}

/** Adds counts up by what a key makes of them; '' leaves one out. */
export function sums(counts: readonly Count[], key: (c: Count) => string): Sum[] {
  const found = new Map<string, Sum>()
  for (const c of counts) {
    const of = key(c)
    if (!of) continue
    const sum = found.get(of) ?? { of, n: 0, why: [] }
    found.set(of, sum)
    sum.n += c.count
    if (c.reason) {
      const why = sum.why.find((w) => w.reason === c.reason)
      if (why) why.n += c.count
      else sum.why.push({ reason: c.reason, n: c.count })
    }
  }
  for (const sum of found.values()) sum.why.sort((a, b) => b.n - a.n)
  return [...found.values()].sort((a, b) => b.n - a.n)
}

/** How many go by which channel. */
export const byChannel = (counts: readonly Count[]) => sums(counts, (c) => (c.state === 'skipped' ? '' : (c.channel ?? '')))

/** Who gets nothing, by reason. */
export const leftOut = (counts: readonly Count[]) => sums(counts, (c) => (c.state === 'skipped' ? (c.reason ?? 'unknown') : ''))

/** How many are in one of some states. */
export const inStates = (counts: readonly Count[], ...states: string[]) => counts.reduce((n, c) => n + (states.includes(c.state) ? c.count : 0), 0)

export const total = (counts: readonly Count[]) => counts.reduce((n, c) => n + c.count, 0)

/** Settled recipients by time; of them the pace of the last minute. */
export interface Seen {
  at: number
  settled: number
}

/** How many a minute are settled, from what was seen; null: not seen for long enough. */
export function perMinute(seen: readonly Seen[]): number | null {
  const last = seen[seen.length - 1]
  const first = seen.find((s) => last && last.at - s.at <= 60_000)
  if (!first || !last || last.at - first.at < 2_000) return null
  return Math.max(0, Math.round(((last.settled - first.settled) * 60_000) / (last.at - first.at)))
}
