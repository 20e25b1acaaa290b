/**
 * What becomes of a draft that was typed on two devices. base is what both had last, mine and theirs what each made of
 * it. Where both typed something else, both are kept, one below the other: nothing typed is lost.
 */
export function mergeDraft(base: string, mine: string, theirs: string): string {
  if (mine === theirs || theirs === base) return mine
  if (mine === base) return theirs
  if (mine.includes(theirs)) return mine
  if (theirs.includes(mine)) return theirs
  return theirs + '\n' + mine
}
