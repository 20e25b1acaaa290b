/** The moments at which the first chosen day begins and the last one ends, as the API takes them. */
export function dayEdges(first: Date, last: Date): { from: string; to: string } {
  const from = new Date(first)
  from.setHours(0, 0, 0, 0)
  const to = new Date(last)
  to.setHours(0, 0, 0, 0)
  to.setDate(to.getDate() + 1)
  return { from: from.toISOString(), to: to.toISOString() }
}
