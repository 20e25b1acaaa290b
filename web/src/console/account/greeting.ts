/** What a greeting may name; the server fills the same. */
export const greetingFields = ['member', 'clerk', 'store', 'account'] as const

/** What an introduction after a handover may name; `earlier` is the clerk whose member he was. */
export const introductionFields = ['member', 'clerk', 'store', 'earlier', 'account'] as const

/** The text as the member would read it. Anything in braces for which there is no value stays as it is. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, field: string) => (Object.hasOwn(values, field) ? values[field]! : whole))
}
