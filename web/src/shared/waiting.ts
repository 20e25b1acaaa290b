/** Minutes after which a waiting member is shown in amber and in red (C3). */
export interface WaitLimits {
  amber: number
  red: number
}

/** What holds until the account's own are known. */
export const usualLimits: WaitLimits = { amber: 5, red: 15 }

export type Urgency = 'calm' | 'amber' | 'red'

/** Whole minutes since the oldest unanswered message. */
export function minutesWaiting(since: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(since)) / 60_000))
}

/** How much a wait presses. */
export function urgency(minutes: number, limits = usualLimits): Urgency {
  if (minutes >= limits.red) return 'red'
  return minutes >= limits.amber ? 'amber' : 'calm'
}
