import { expect, test } from 'vitest'
import { yuan } from './money'

test('fen are shown as yuan', () => {
  expect(yuan(0)).toBe('¥0.00')
  expect(yuan(5)).toBe('¥0.05')
  expect(yuan(128_050)).toBe('¥1,280.50')
  expect(yuan(-29_900)).toBe('-¥299.00')
})
