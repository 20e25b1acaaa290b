import { describe, expect, it, test } from 'vitest'
import { byChannel, inStates, leftOut, perMinute, total, type Count } from './counts'
import { percent, share, signed, verdict } from './effect'
import { clock, minuteOf, momentOf, quietUntil, typedMoment } from './times'

const count = (state: Count['state'], channel: Count['channel'], reason: string | null, n: number): Count => ({ state, channel, reason, count: n })
const counts = [
  count('queued', 'customer', 'window_open', 30),
  count('queued', 'task', 'not_following', 5),
  count('queued', 'task', 'no_channel', 9),
  count('skipped', null, 'no_consent', 40),
  count('skipped', 'customer', 'text_too_long', 1),
  count('control', null, null, 10),
]

test('counts are summed by channel, and by reason of who is left out', () => {
  expect(byChannel(counts)).toEqual([
    { of: 'customer', n: 30, why: [{ reason: 'window_open', n: 30 }] },
    { of: 'task', n: 14, why: [{ reason: 'no_channel', n: 9 }, { reason: 'not_following', n: 5 }] },
  ])
  expect(leftOut(counts).map((s) => [s.of, s.n])).toEqual([['no_consent', 40], ['text_too_long', 1]])
  expect([total(counts), inStates(counts, 'queued', 'control')]).toEqual([95, 54])
})

test('a pace is that of the last minute, and none as long as nothing was seen', () => {
  expect(perMinute([])).toBeNull()
  expect(perMinute([{ at: 0, settled: 0 }, { at: 1_000, settled: 50 }])).toBeNull()
  expect(perMinute([{ at: 0, settled: 0 }, { at: 90_000, settled: 100 }, { at: 120_000, settled: 150 }])).toBe(100)
  expect(perMinute([{ at: 0, settled: 10 }, { at: 30_000, settled: 4 }])).toBe(0)
})

describe('quiet hours', () => {
  const at = (day: string, time: string) => Date.parse(`${day}T${time}:00+08:00`)
  it.each([
    ['2026-11-27', '21:29', null],
    ['2026-11-27', '21:30', at('2026-11-28', '09:00')],
    ['2026-11-28', '00:10', at('2026-11-28', '09:00')],
    ['2026-11-28', '09:00', null],
  ])('of a night, at %s %s', (day, time, until) => {
    expect(quietUntil(at(day, time), 21 * 60 + 30, 9 * 60, 'Asia/Shanghai')).toBe(until)
  })
  it('of a day, and none', () => {
    expect(quietUntil(at('2026-11-27', '13:00'), 12 * 60, 14 * 60, 'Asia/Shanghai')).toBe(at('2026-11-27', '14:00'))
    expect(quietUntil(at('2026-11-27', '15:00'), 12 * 60, 14 * 60, 'Asia/Shanghai')).toBeNull()
    expect(quietUntil(at('2026-11-27', '15:00'), 600, 600, 'Asia/Shanghai')).toBeNull()
  })
})

test('times are typed in the zone of the store', () => {
  const at = Date.parse('2026-11-30T01:05:00Z')
  expect(typedMoment(at, 'Asia/Shanghai')).toBe('2026-11-30T09:05')
  expect(momentOf('2026-11-30T09:05', 'Asia/Shanghai')).toBe(at)
  expect(momentOf('2026-11-30T09:05:30', 'Asia/Shanghai')).toBe(at)
  expect(momentOf('', 'Asia/Shanghai')).toBeNull()
  expect([clock(570), minuteOf('09:30'), minuteOf('9')]).toEqual(['09:30', 570, null])
})

test.each([
  [null, 'none'],
  [{ by: 0.04, low: 0.01, high: 0.07 }, 'more'],
  [{ by: -0.04, low: -0.07, high: -0.01 }, 'less'],
  [{ by: 0.04, low: -0.01, high: 0.09 }, 'open'],
])('a difference of %j says %s', (d, said) => {
  expect(verdict(d)).toBe(said)
})

test('shares are written in percent, differences in points', () => {
  expect([percent(share(1, 8)), percent(share(0, 0)), signed(0.0421), signed(-0.005)]).toEqual(['12.5%', '0.0%', '+4.2', '−0.5'])
})
