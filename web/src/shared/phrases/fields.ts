/** What a phrase may hold in braces; filled from the member's file when it is used. */
export const fields = ['member', 'clerk', 'store', 'points'] as const
export type Field = (typeof fields)[number]

const brackets = (word: string) => `【${word}】`

/** Turns fields into gaps that the eye finds: {member} into its word in brackets. */
export function withGaps(text: string, of: readonly string[], word: (field: string) => string): string {
  return of.reduce((all, field) => all.replaceAll(`{${field}}`, brackets(word(field))), text)
}

/** The first gap that nobody has filled. */
export function firstGap(text: string, word: (field: string) => string): { from: number; to: number } | null {
  const found = fields
    .map((field) => brackets(word(field)))
    .map((gap) => ({ from: text.indexOf(gap), to: text.indexOf(gap) + gap.length }))
    .filter((at) => at.from >= 0)
    .sort((a, b) => a.from - b.from)
  return found[0] ?? null
}

/** A text as it will read, with examples in the place of the fields. */
export function asRead(text: string, value: (field: string) => string): string {
  return fields.reduce((all, field) => all.replaceAll(`{${field}}`, value(field)), text)
}
