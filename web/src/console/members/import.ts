/** What a row of a member file may hold, in the API's words. */
export const fields = ['name', 'phone', 'card_no', 'birthday', 'sex', 'level', 'tags', 'note', 'store', 'clerk'] as const

/** What a row of a purchase file may hold. */
export const saleFields = [
  'external_id', 'card_no', 'phone', 'paid_at', 'amount', 'item_amount', 'store', 'clerk', 'item_name', 'sku', 'category', 'quantity', 'refund_of',
] as const

/** The fields without which no purchase can be read; beside them one for the member and one for the sum. */
export const saleMust = ['external_id', 'paid_at'] as const

/** Whether a purchase can be read by the columns that were chosen. */
export function complete(mapping: Record<string, number>): boolean {
  const has = (field: string) => mapping[field] !== undefined
  return saleMust.every(has) && (has('card_no') || has('phone')) && (has('amount') || has('item_amount'))
}

/** The columns that were chosen: field -> its number. */
export function mappingOf(columns: Record<string, number | ''>): Record<string, number> {
  return Object.fromEntries(Object.entries(columns).filter((e): e is [string, number] => e[1] !== ''))
}
