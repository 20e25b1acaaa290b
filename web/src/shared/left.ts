/** What stays in a field once `saved` of it is saved: what was typed behind it, or instead of it, meanwhile. */
export function left(now: string, saved: string): string {
  return now.startsWith(saved) ? now.slice(saved.length) : now
}
