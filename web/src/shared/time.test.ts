import { expect, test } from 'vitest'
import { clockTime, dayAndTime, dayOf, dayWords, shortTime } from './time'
import { minutesWaiting, urgency } from './waiting'

const zone = 'Asia/Shanghai'
const at = (text: string) => Date.parse(text)
const now = at('2026-11-03T02:00:00Z') // 10:00 in Shanghai

test.each([
  ['2026-11-03T06:20:00Z', '14:20'],
  ['2026-11-04T06:20:00Z', '明天 14:20'],
  ['2026-11-02T15:59:00Z', '昨天 23:59'],
  ['2026-11-02T16:00:00Z', '00:00'],
  ['2026-11-05T06:20:00Z', '11月5日 14:20'],
  ['2025-11-05T06:20:00Z', '2025年11月5日 14:20'],
])('%s is said as %s in the store, whatever the zone of the phone', (when, words) => {
  expect(dayAndTime(at(when), now, 'zh-CN', zone)).toBe(words)
})

test('the day is that of the store', () => {
  expect(dayOf(at('2026-11-02T16:00:00Z'), zone)).toBe('2026-11-03')
  expect(dayOf(at('2026-11-02T16:00:00Z'), 'Europe/Berlin')).toBe('2026-11-02')
  expect(clockTime(at('2026-11-02T16:00:00Z'), 'en', 'Europe/Berlin')).toBe('17:00')
})

test('a list shows the time today and the day before', () => {
  expect(shortTime(at('2026-11-03T00:05:00Z'), now, 'zh-CN', zone)).toBe('08:05')
  expect(shortTime(at('2026-11-02T00:05:00Z'), now, 'zh-CN', zone)).toBe('昨天')
  expect(dayWords(at('2026-11-04T00:05:00Z'), now, 'en', zone)).toBe('tomorrow')
})

test('waiting counts whole minutes by the clock and presses from the moments that the server names', () => {
  expect(minutesWaiting('2026-11-03T01:55:01Z', now)).toBe(4)
  expect(minutesWaiting('2026-11-03T02:00:30Z', now)).toBe(0)
  const wait = { amber_at: '2026-11-03T02:00:00Z', red_at: '2026-11-03T02:20:00Z' }
  expect([-1, 0, 19 * 60_000, 20 * 60_000, 900 * 60_000].map((ms) => urgency(wait, now + ms))).toEqual(['calm', 'amber', 'amber', 'red', 'red'])
  expect(urgency({ amber_at: null, red_at: null }, now)).toBe('calm')
})
