/** What the numbers of a field count. Money is kept in fen and written in yuan. */
export const units: Readonly<Record<string, 'points' | 'months' | 'days_ahead' | 'yuan' | 'times'>> = {
  points: 'points',
  child_months: 'months',
  birthday: 'days_ahead',
  amount: 'yuan',
  purchases: 'times',
}

export const isMoney = (field: string) => units[field] === 'yuan'

/** The fields in the order of a conversation about a member: who he is, whose, his children, what he bought, when he came. */
export const shelves: readonly { name: string; fields: readonly string[] }[] = [
  { name: 'who', fields: ['kind', 'level', 'points', 'class', 'tag', 'sex', 'joined'] },
  { name: 'whose', fields: ['store', 'clerk', 'bound', 'bound_since'] },
  { name: 'days', fields: ['child_months', 'birthday'] },
  { name: 'bought', fields: ['last_purchase', 'first_purchase', 'amount', 'purchases', 'bought'] },
  { name: 'came', fields: ['last_visit', 'sleeping', 'last_contact'] },
  { name: 'reached', fields: ['reach', 'consent', 'channel'] },
]
