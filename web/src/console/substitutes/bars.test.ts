import { expect, test } from 'vitest'
import { rowsOf, stateOf, type Substitute } from './bars'

const sub = (clerk: string, from: string, to: string, ended: string | null = null) =>
  ({ id: clerk + from, clerk_id: clerk, clerk_name: clerk, substitute_name: 'li', from, to, ended_at: ended }) as unknown as Substitute
const zone = 'Asia/Shanghai'

test('bars lie on the days of the store, cut at the edges of what is shown', () => {
  const rows = rowsOf([sub('wang', '2026-11-24T16:00:00Z', '2026-11-30T16:00:00Z'), sub('zhao', '2026-11-01T00:00:00Z', '2026-12-31T00:00:00Z')], '2026-11-23', 28, zone)
  const bar = (id: string) => rows.find((r) => r.id === id)?.lanes[0]?.[0]
  expect([bar('wang')?.first, bar('wang')?.last]).toEqual([2, 7])
  expect([bar('zhao')?.first, bar('zhao')?.last]).toEqual([0, 27])
})

test('two at a time lie in two lanes, one after the other in one', () => {
  const rows = rowsOf(
    [sub('wang', '2026-11-23T00:00:00Z', '2026-11-26T00:00:00Z'), sub('wang', '2026-11-24T00:00:00Z', '2026-11-25T00:00:00Z'), sub('wang', '2026-11-27T00:00:00Z', '2026-11-28T00:00:00Z')],
    '2026-11-23',
    28,
    zone,
  )
  expect(rows[0]?.lanes.map((l) => l.length)).toEqual([2, 1])
})

test('what was ended early ends there, and what lies elsewhere is left out', () => {
  const ended = sub('wang', '2026-11-23T00:00:00Z', '2026-12-26T00:00:00Z', '2026-11-24T02:00:00Z')
  expect(rowsOf([ended], '2026-11-23', 28, zone)[0]?.lanes[0]?.[0]?.last).toBe(1)
  expect(rowsOf([sub('wang', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')], '2026-11-23', 28, zone)).toEqual([])
  expect(stateOf(ended, Date.parse('2026-11-25T00:00:00Z'))).toBe('ended')
  const whole = sub('wang', '2026-11-23T00:00:00Z', '2026-11-26T00:00:00Z')
  expect(['2026-11-22', '2026-11-24', '2026-11-26'].map((d) => stateOf(whole, Date.parse(d + 'T00:00:00Z')))).toEqual(['planned', 'running', 'over'])
})
