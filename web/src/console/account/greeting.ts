/** What a greeting may name; the server fills the same. */
export const greetingFields = ['member', 'clerk', 'store', 'account'] as const
export type GreetingField = (typeof greetingFields)[number]

/** The greeting as the member would read it. Anything else in braces stays as it is. */
export function fill(text: string, values: Record<GreetingField, string>): string {
  return text.replace(/\{(member|clerk|store|account)\}/g, (_, field: GreetingField) => values[field])
}
