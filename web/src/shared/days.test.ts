import { expect, test } from 'vitest'
import { addDays, daysBetween, mondayOf, startOfDay } from './days'

test('a day begins at midnight of the store, summer time or not', () => {
  const at = (day: string, zone: string) => new Date(startOfDay(day, zone)).toISOString()
  expect(at('2026-11-30', 'Asia/Shanghai')).toBe('2026-11-29T16:00:00.000Z')
  expect(at('2026-11-30', 'America/New_York')).toBe('2026-11-30T05:00:00.000Z')
  expect(at('2026-03-08', 'America/New_York')).toBe('2026-03-08T05:00:00.000Z') // the clocks change later that day
  expect(at('2026-03-09', 'America/New_York')).toBe('2026-03-09T04:00:00.000Z')
  expect(at('2026-10-25', 'Europe/Berlin')).toBe('2026-10-24T22:00:00.000Z')
})

test('days are counted across months and years', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
  expect(addDays('2026-03-01', -1)).toBe('2026-02-28')
  expect(daysBetween('2026-11-28', '2026-12-02')).toBe(4)
  expect(mondayOf('2026-11-29')).toBe('2026-11-23')
  expect(mondayOf('2026-11-23')).toBe('2026-11-23')
})
