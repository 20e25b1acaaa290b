import { expect, test } from 'vitest'
import { asRead, firstGap, withGaps } from './fields'

const word = (field: string) => ({ member: 'name', clerk: 'me', store: 'store', points: 'points' })[field] ?? field

test('a field without a value is a gap that is seen, and is found before it is sent', () => {
  const text = withGaps('{points}, {member}! {store} {member}', ['member', 'points'], word)
  expect(text).toBe('【points】, 【name】! {store} 【name】')
  expect(firstGap(text, word)).toEqual({ from: 0, to: 8 })
  expect(firstGap(text.replace('【points】', '90'), word)).toEqual({ from: 4, to: 10 })
  expect(firstGap('【something else】', word)).toBeNull()
})

test('a preview fills every field', () => {
  expect(asRead('{member} {clerk} {store} {points} {other}', (f) => f.toUpperCase())).toBe('MEMBER CLERK STORE POINTS {other}')
})
