import { expect, test } from 'vitest'
import { left } from './left'

test('what is saved goes from the field; what was typed meanwhile stays', () => {
  expect(left('VIP', 'VIP')).toBe('')
  expect(left('在的，下午来', '在的')).toBe('，下午来')
  expect(left('爱团购', 'VIP')).toBe('爱团购')
  expect(left('', 'VIP')).toBe('')
})
