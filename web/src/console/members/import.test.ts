import { expect, it } from 'vitest'
import { complete, mappingOf } from './import'

it('a mapping keeps the first column and leaves out what was not chosen', () => {
  expect(mappingOf({ name: 0, phone: 3, card_no: '' })).toEqual({ name: 0, phone: 3 })
})

it('a purchase needs its number, its time, a member and a sum, each from the first column on', () => {
  const all = { external_id: 0, paid_at: 1, phone: 2, amount: 3 }
  expect(complete(all)).toBe(true)
  expect(complete({ external_id: 3, paid_at: 2, card_no: 1, item_amount: 0 })).toBe(true)
  for (const field of Object.keys(all)) expect(complete(Object.fromEntries(Object.entries(all).filter(([f]) => f !== field)))).toBe(false)
})
