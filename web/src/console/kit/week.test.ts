import { expect, test } from 'vitest'
import { editable, ordered, same, whole } from './week'

test('a day that goes on to its end can be typed and is sent as it came', () => {
  const week = [{ weekday: 6, from: '00:00', to: '24:00' }]
  expect(editable(week)).toEqual([{ weekday: 6, from: '00:00', to: '00:00' }])
  expect(ordered(editable(week))).toEqual(week)
})

test('a week is sent in order, and two are the same in any', () => {
  const a = { weekday: 1, from: '13:00', to: '18:00' }
  const b = { weekday: 1, from: '09:00', to: '12:00' }
  expect(ordered([{ ...a, weekday: 2 }, a, b])).toEqual([b, a, { ...a, weekday: 2 }])
  expect(same([a, b], [b, a])).toBe(true)
  expect(same([a], [a, b])).toBe(false)
})

test('a span without its end is not whole', () => {
  expect(whole([{ weekday: 1, from: '09:00', to: '' }])).toBe(false)
  expect(whole([])).toBe(true)
})
