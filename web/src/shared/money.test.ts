import { expect, test } from 'vitest'
import { toFen, typedYuan, yuan } from './money'

test('fen are shown as yuan', () => {
  expect(yuan(0)).toBe('¥0.00')
  expect(yuan(5)).toBe('¥0.05')
  expect(yuan(128_050)).toBe('¥1,280.50')
  expect(yuan(-29_900)).toBe('-¥299.00')
})

test.each([
  ['1280.5', 128_050],
  ['1,280.50', 128_050],
  ['¥ 0.29', 29],
  ['-299', -29_900],
  ['12.', 1_200],
  ['', null],
  ['1.234', null],
  ['十元', null],
  ['1e3', null],
])('%j yuan are %j fen', (typed, fen) => {
  expect(toFen(typed)).toBe(fen)
})

test('what is read back is what was typed', () => {
  for (const fen of [0, 1, 29, 100, 128_050, -29_900]) expect(toFen(typedYuan(fen))).toBe(fen)
  expect(typedYuan(null)).toBe('')
})
