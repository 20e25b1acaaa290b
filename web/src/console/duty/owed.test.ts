import { describe, expect, it } from 'vitest'
import { daysSince, owed } from './owed'

describe('what is owed by a handover', () => {
  it('is what is open and what is done', () => {
    expect(owed({ overdue: 1, today: 2, later: 3, done: 4 })).toBe(10)
  })
})

describe('days since', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')

  it('are whole days that have passed', () => {
    expect(daysSince('2026-11-06T12:00:00Z', now)).toBe(14)
    expect(daysSince('2026-11-06T12:00:01Z', now)).toBe(13)
  })

  it('are none before it has begun', () => {
    expect(daysSince('2026-11-21T00:00:00Z', now)).toBe(0)
  })
})
