import { expect, it } from 'vitest'
import { mappingOf } from './import'

it('a mapping keeps the first column and leaves out what was not chosen', () => {
  expect(mappingOf({ name: 0, phone: 3, card_no: '' })).toEqual({ name: 0, phone: 3 })
})
