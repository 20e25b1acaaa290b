import type { Schema } from '@/api/client'

type Tone = 'success' | 'warning' | 'danger' | 'info' | 'primary'
type Campaign = Schema['Campaign']

export const states = ['draft', 'approved', 'scheduled', 'running', 'paused', 'done', 'cancelled'] as const

/** The colour of a campaign's state. */
export function stateTone(state: string): Tone {
  switch (state) {
    case 'done':
      return 'success'
    case 'approved':
    case 'scheduled':
      return 'primary'
    case 'running':
      return 'warning'
    case 'paused':
      return 'danger'
    default:
      return 'info'
  }
}

/** Nothing has left yet: it can still be written on. */
export const open = (state: string) => state === 'draft' || state === 'approved' || state === 'scheduled'

/** The server is at work on it, so that the screen looks again soon. */
export const moving = (state: string | undefined) => state === 'running'

/** Somebody was chosen: there is something to be seen of it. */
export const began = (c: Pick<Campaign, 'started_at'>) => c.started_at !== null

export const recipientStates = ['waiting', 'queued', 'accepted', 'delivered', 'refused', 'unknown', 'task', 'skipped', 'vetoed', 'control', 'cancelled'] as const

/** The colour of a recipient's state. */
export function recipientTone(state: string): Tone {
  switch (state) {
    case 'accepted':
    case 'delivered':
    case 'task':
      return 'success'
    case 'refused':
      return 'danger'
    case 'unknown':
      return 'warning'
    case 'waiting':
    case 'queued':
      return 'primary'
    default:
      return 'info'
  }
}
