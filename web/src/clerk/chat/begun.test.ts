import { beforeEach, expect, test, vi } from 'vitest'
import { begin, hasBegun } from './begun'

const session = vi.hoisted(() => ({ staffId: 'me' }))
vi.mock('@/shared/session', () => ({ useSession: () => session }))

beforeEach(() => {
  localStorage.clear()
  session.staffId = 'me'
})

test('a chat is begun once; received again, or by somebody else on the same phone, it is not', () => {
  expect(hasBegun('c', 'monday')).toBe(false)
  begin('c', 'monday')
  expect(hasBegun('c', 'monday')).toBe(true)
  expect(hasBegun('c', 'friday')).toBe(false)
  session.staffId = 'other'
  expect(hasBegun('c', 'monday')).toBe(false)
})

test('only the latest are remembered', () => {
  for (let n = 0; n < 310; n++) begin('c' + n, 'monday')
  expect(hasBegun('c309', 'monday')).toBe(true)
  expect(hasBegun('c0', 'monday')).toBe(false)
  expect((JSON.parse(localStorage.getItem('liuke.begun.me') ?? '') as unknown[]).length).toBe(300)
})
