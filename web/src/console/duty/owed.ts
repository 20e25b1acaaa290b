import type { Schema } from '@/api/client'

/** How many first contacts somebody owed by a handover: those that are open, and those that are done. */
export function owed(c: Schema['TodoCounts']): number {
  return c.overdue + c.today + c.later + c.done
}

/** Whole days since a moment; none for one that is still to come. */
export function daysSince(at: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(at)) / 86_400_000))
}
