import { expect, test } from 'vitest'
import { ageOn, daysToBirthday } from './age'

test('a child is so many days, months or years old', () => {
  expect(ageOn('2026-11-01', '2026-11-03')).toMatchObject({ unit: 'days', days: 2 })
  expect(ageOn('2026-10-31', '2026-11-30')).toMatchObject({ unit: 'days', days: 30 })
  expect(ageOn('2025-01-15', '2026-11-14')).toMatchObject({ unit: 'months', months: 21 })
  expect(ageOn('2024-11-03', '2026-11-03')).toMatchObject({ unit: 'years', years: 2 })
  expect(ageOn('2023-02-28', '2026-11-03')).toMatchObject({ unit: 'years_months', years: 3, months: 8 })
  expect(ageOn('2016-02-28', '2026-11-03')).toMatchObject({ unit: 'years', years: 10 })
  expect(ageOn('2026-11-04', '2026-11-03')).toBeNull()
  expect(ageOn('', '2026-11-03')).toBeNull()
})

test('a birthday is counted to, over the end of the year too', () => {
  expect(daysToBirthday('1990-11-03', '2026-11-03')).toBe(0)
  expect(daysToBirthday('1990-11-10', '2026-11-03')).toBe(7)
  expect(daysToBirthday('1990-01-01', '2026-12-30')).toBe(2)
  expect(daysToBirthday('2024-02-29', '2027-02-27')).toBe(2)
})
