import type { Member, Schema } from '@/api/client'

type Change = Schema['UpdateInputBody']

/** What the form holds; an empty text is a field that is not known. */
export interface Draft {
  name: string
  phone: string
  card_no: string
  birthday: string
  sex: string
  preferred_channel: string
  preferred_hours: string
  class: string
  sub_class: string
  children: { name: string; birthday: string; sex: string }[]
}

const texts = ['card_no', 'birthday', 'sex', 'preferred_channel', 'preferred_hours', 'class', 'sub_class'] as const

/** Only what differs from the file; null empties a field. The phone is masked, so an empty one means: as it is. */
export function changesOf(was: Member, now: Draft): Change {
  const change: Change = {}
  if (now.name.trim() !== was.name) change.name = now.name.trim()
  if (now.phone.trim()) change.phone = now.phone.trim()
  for (const field of texts) {
    const text = now[field].trim()
    if (text !== (was[field] ?? '')) change[field] = text || null
  }
  if (change.class !== undefined) {
    if (now.class) change.sub_class = now.sub_class.trim() || null
    else delete change.sub_class // goes with its class
  }
  const children = now.children.map((c) => ({
    birthday: c.birthday,
    ...(c.name.trim() ? { name: c.name.trim() } : {}),
    ...(c.sex ? { sex: c.sex as 'female' | 'male' } : {}),
  }))
  const key = (all: { name?: string; birthday: string; sex?: string }[]) => JSON.stringify(all.map((c) => [c.name ?? '', c.birthday, c.sex ?? '']))
  if (key(children) !== key(was.children)) Object.assign(change, { children, children_were: was.children })
  return change
}
