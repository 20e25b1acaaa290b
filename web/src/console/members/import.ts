/** What a row of a member file may hold, in the API's words. */
export const fields = ['name', 'phone', 'card_no', 'birthday', 'sex', 'level', 'tags', 'note', 'store', 'clerk'] as const

/** The columns that were chosen: field -> its number. */
export function mappingOf(columns: Record<string, number | ''>): Record<string, number> {
  return Object.fromEntries(Object.entries(columns).filter((e): e is [string, number] => e[1] !== ''))
}
