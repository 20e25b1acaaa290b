type Tone = 'success' | 'warning' | 'danger' | 'info' | 'primary'

/** The colour of a handover's state. */
export function stateTone(state: string): Tone {
  switch (state) {
    case 'done':
      return 'success'
    case 'planned':
      return 'primary'
    case 'running':
    case 'undoing':
      return 'warning'
    case 'failed':
      return 'danger'
    default:
      return 'info'
  }
}

/** Whether the server is at work on it, so that the screen looks again soon. */
export function moving(state: string | undefined): boolean {
  return state === 'running' || state === 'undoing'
}
