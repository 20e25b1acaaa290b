import { expect, test } from 'vitest'
import { sideOf, type Substitute } from './substitutes'

const at = (day: number) => Date.parse(`2026-11-${day}T00:00:00Z`)
const sub = { clerk_id: 'wang', substitute_id: 'li', from: '2026-11-20T00:00:00Z', to: '2026-11-25T00:00:00Z', ended_at: null } as Substitute

test('a substitution concerns both while it lasts, and the one who will stand in before it begins', () => {
  expect(sideOf(sub, 'li', at(19))).toBe('will_stand_in')
  expect(sideOf(sub, 'li', at(20))).toBe('stands_in')
  expect(sideOf(sub, 'li', at(25))).toBeNull()
  expect(sideOf(sub, 'wang', at(19))).toBeNull()
  expect(sideOf(sub, 'wang', at(21))).toBe('is_absent')
  expect(sideOf(sub, 'zhou', at(21))).toBeNull()
})

test('one that was ended early is over', () => {
  expect(sideOf({ ...sub, ended_at: '2026-11-21T00:00:00Z' }, 'li', at(21))).toBeNull()
})
