import { describe, expect, it } from 'vitest'
import { moving, stateTone } from './states'

describe('a handover', () => {
  it('is looked at again while the server works on it', () => {
    expect(['planned', 'running', 'done', 'undoing', 'undone', 'failed', undefined].filter(moving)).toEqual(['running', 'undoing'])
  })

  it('shows failure and success in different colours', () => {
    expect(stateTone('failed')).toBe('danger')
    expect(stateTone('done')).toBe('success')
    expect(stateTone('what comes later')).toBe('info')
  })
})
