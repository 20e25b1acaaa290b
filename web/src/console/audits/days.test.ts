import { describe, expect, it } from 'vitest'
import { dayEdges } from './days'

describe('the chosen days', () => {
  it('begin with the first and end after the last', () => {
    const { from, to } = dayEdges(new Date(2026, 10, 1, 15), new Date(2026, 10, 1, 9))
    expect(Date.parse(to) - Date.parse(from)).toBe(86_400_000)
    expect(new Date(from).getHours()).toBe(0)
  })

  it('reach over the end of a month', () => {
    const { to } = dayEdges(new Date(2026, 0, 30), new Date(2026, 0, 31))
    expect(new Date(to).getMonth()).toBe(1)
    expect(new Date(to).getDate()).toBe(1)
  })
})
