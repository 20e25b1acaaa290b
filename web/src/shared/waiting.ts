export type Urgency = 'calm' | 'amber' | 'red'

/** When a wait turns amber and red (C3). The server reckons both, because only business hours count. */
export interface Wait {
  amber_at: string | null
  red_at: string | null
}

/** Whole minutes since the oldest unanswered message. */
export function minutesWaiting(since: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(since)) / 60_000))
}

/** How much a wait presses at a moment. */
export function urgency(wait: Wait, now: number): Urgency {
  const over = (at: string | null) => at !== null && now >= Date.parse(at)
  if (over(wait.red_at)) return 'red'
  return over(wait.amber_at) ? 'amber' : 'calm'
}
