import type { Member, Schema } from '@/api/client'
import type { Child } from './words'

export type Patch = Schema['UpdateInputBody']

/** What the form of a member's file holds. Nothing is '' throughout. */
export interface Form {
  name: string
  /** A new number; '': the one on file stays, which the form does not know whole; null: it is taken off. */
  phone: string | null
  card: string
  birthday: string
  sex: string
  channel: string
  hours: string
  class: string
  subClass: string
  children: Child[]
}

export type Field = keyof Form

export function formOf(m: Member): Form {
  return {
    name: m.name,
    phone: '',
    card: m.card_no ?? '',
    birthday: m.birthday ?? '',
    sex: m.sex ?? '',
    channel: m.preferred_channel ?? '',
    hours: m.preferred_hours ?? '',
    class: m.class ?? '',
    subClass: m.sub_class ?? '',
    children: m.children.map((c) => ({ ...c })),
  }
}

const fields = ['name', 'phone', 'card', 'birthday', 'sex', 'channel', 'hours', 'class', 'subClass', 'children'] as const

function tidy(c: Child): Child {
  const name = (c.name ?? '').trim()
  return { birthday: c.birthday, ...(name ? { name } : {}), ...(c.sex ? { sex: c.sex } : {}) }
}

function value(form: Form, field: Field): string {
  if (field === 'children') return JSON.stringify(form.children.map(tidy))
  return (form[field] ?? '-').trim()
}

/** The fields in which two forms differ. */
export function differing(a: Form, b: Form): Field[] {
  return fields.filter((f) => value(a, f) !== value(b, f))
}

/** What to ask of the server: only what the clerk changed, so that nobody else's change is written over. */
export function patchOf(was: Form, now: Form): Patch {
  const changed = new Set(differing(was, now))
  const text = (field: Exclude<Field, 'children' | 'phone'>) => now[field].trim() || null
  return {
    ...(changed.has('name') ? { name: now.name.trim() } : {}),
    ...(changed.has('phone') ? { phone: now.phone === null ? null : now.phone.trim() } : {}),
    ...(changed.has('card') ? { card_no: text('card') } : {}),
    ...(changed.has('birthday') ? { birthday: text('birthday') } : {}),
    ...(changed.has('sex') ? { sex: text('sex') } : {}),
    ...(changed.has('channel') ? { preferred_channel: text('channel') } : {}),
    ...(changed.has('hours') ? { preferred_hours: text('hours') } : {}),
    ...(changed.has('class') ? { class: text('class') } : {}),
    ...(changed.has('class') && now.class !== '' && now.subClass.trim() ? { sub_class: text('subClass') } : {}),
    ...(changed.has('subClass') && now.class !== '' ? { sub_class: text('subClass') } : {}),
    ...(changed.has('children') ? { children: now.children.map(tidy), children_were: was.children.map(tidy) } : {}),
  }
}

/** A form brought up to what the server says by now, with the fields that both the clerk and somebody else changed. */
export interface Rebased {
  form: Form
  clashes: Field[]
}

/** Takes what others changed meanwhile; what the clerk typed himself stays. */
export function rebase(was: Form, mine: Form, fresh: Form): Rebased {
  const touched = new Set(differing(was, mine))
  const news = new Set(differing(was, fresh))
  const form: Form = { ...fresh }
  for (const field of touched) Object.assign(form, { [field]: mine[field] })
  return { form, clashes: [...touched].filter((f) => news.has(f) && value(mine, f) !== value(fresh, f)) }
}

const whole = (day: string) => /^\d{4}-\d\d-\d\d$/.test(day)

/** What is wrong with a form before the server is asked: the name is gone, a birthday is half chosen, or a child has none. */
export function missing(was: Form, now: Form): 'name' | 'birthday' | 'child' | null {
  if (was.name !== '' && now.name.trim() === '') return 'name'
  if (now.birthday !== '' && !whole(now.birthday)) return 'birthday'
  return now.children.every((c) => whole(c.birthday)) ? null : 'child'
}
