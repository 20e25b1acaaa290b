import type { Schema } from '@/api/client'

export type Difference = Schema['OutcomeDifference']

/** What a difference with its interval allows to be said. */
export type Verdict = 'none' | 'more' | 'less' | 'open'

export function verdict(d: Difference | null): Verdict {
  if (!d) return 'none'
  if (d.low > 0) return 'more'
  return d.high < 0 ? 'less' : 'open'
}

export const share = (part: number, of: number) => (of > 0 ? part / of : 0)

/** A share in percent with one digit: 12.5%. */
export const percent = (x: number) => (x * 100).toFixed(1) + '%'

/** Points of a hundred, and with a sign: +1.2. */
export const points = (x: number) => Math.abs(x * 100).toFixed(1)
export const signed = (x: number) => (x >= 0 ? '+' : '−') + points(x)
