import { expect, test } from 'vitest'
import { blanksOf, partsOf, signed, smsText } from './sms'

test.each([
  ['{1}您好，{2}见', 2],
  ['{1}和{1}', 1],
  ['{2}您好', 0],
  ['{1}{3}', 1],
  ['{member}', 0],
])('%j has %i blanks', (text, n) => {
  expect(blanksOf(text)).toBe(n)
})

test('a text is read with its blanks filled; an empty one stays to be seen', () => {
  expect(smsText({ id: '1', text: ' {1}您好，{2}见 ', params: ['{member}', ' '] })).toBe('{member}您好，{2}见')
})

test('it is billed with its signature', () => {
  const of = (n: number) => partsOf(signed('留客母婴', '字'.repeat(n)))
  expect([of(0), of(64), of(65), of(128), of(129)]).toEqual([1, 1, 2, 2, 3])
})
