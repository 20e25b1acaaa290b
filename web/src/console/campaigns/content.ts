import type { Schema } from '@/api/client'
import { blanksOf, type SmsDraft } from './sms'

export type Wording = Schema['Wording']
export type Channel = NonNullable<Schema['UpdateInputBody2']['channels']>[number]

/** What a text may hold in braces; filled from the member's file when it goes out. */
export const fields = ['member', 'clerk', 'store', 'points', 'child', 'optout'] as const
export type FieldName = (typeof fields)[number]

/** The channels, the cheapest first. */
export const channels = ['customer', 'subscription', 'template', 'mass', 'sms', 'task'] as const satisfies readonly Channel[]

/** The kinds of members that can be written to differently. */
export const kinds = ['member', 'prospect'] as const

/** WeChat's bound of a text message, and ours of a call's text. */
export const mostBytes = 2_048
export const mostTask = 500

export const bytes = (text: string) => new TextEncoder().encode(text).length

/** A text with its fields filled; one without a value stays as it is written. */
export function filled(text: string, values: Partial<Record<FieldName, string>>): string {
  return fields.reduce((all, f) => (values[f] === undefined ? all : all.replaceAll(`{${f}}`, values[f] as string)), text)
}

/** The first thing in braces that is no field. */
export function unknownField(text: string): string | null {
  for (const [whole, name = ''] of text.matchAll(/\{([^{}\s]*)\}/g)) if (!(fields as readonly string[]).includes(name)) return whole
  return null
}

/** How many characters WeChat takes in a field of a template, by the beginning of its name (thing1, phrase2). */
export function templateLimit(name: string): number | null {
  const kind = /^[a-z]+/.exec(name)?.[0]
  return kind === 'thing' ? 20 : kind === 'phrase' ? 5 : null
}

/** A template as it is typed: of service notices, or of subscription notices. */
export interface TemplateDraft {
  id: string
  url: string
  fields: { name: string; text: string }[]
}

/** What is typed in the editor. */
export interface Draft {
  name: string
  store_id: string
  who: 'segment' | 'filter'
  segment_id: string
  filter: Schema['Filter'] | null
  purpose: Wording['purpose']
  text: string
  differ: boolean
  variants: Record<string, string>
  mass: string
  mass_variants: Record<string, string>
  template: TemplateDraft
  subscription: TemplateDraft
  sms: SmsDraft
  task: string
  channels: Channel[]
  control: number
  outcome_days: number
  version: number
}

const emptyTemplate = (): TemplateDraft => ({ id: '', url: '', fields: [{ name: 'thing1', text: '' }] })
const templateOf = (w: Wording['template']): TemplateDraft =>
  w ? { id: w.id, url: w.url ?? '', fields: Object.entries(w.fields).map(([name, text]) => ({ name, text })) } : emptyTemplate()

function wordedTemplate(d: TemplateDraft): NonNullable<Wording['template']> {
  const rows = d.fields.filter((f) => f.name.trim())
  return { id: d.id.trim(), fields: Object.fromEntries(rows.map((f) => [f.name.trim(), f.text.trim()])), ...(d.url.trim() ? { url: d.url.trim() } : {}) }
}

export const emptyDraft = (): Draft => ({
  name: '', store_id: '', who: 'segment', segment_id: '', filter: null, purpose: 'offer', text: '', differ: false, variants: { member: '', prospect: '' }, mass: '', mass_variants: { member: '', prospect: '' },
  template: emptyTemplate(), subscription: emptyTemplate(), sms: { id: '', text: '', params: [] }, task: '', channels: ['customer', 'task'], control: 10, outcome_days: 14, version: 0,
})

/** A kept campaign as a draft. */
export function draftOf(c: Schema['Campaign']): Draft {
  const w = c.content
  const empty = emptyDraft()
  return {
    name: c.name, store_id: c.store_id ?? '', who: c.segment_id ? 'segment' : 'filter', segment_id: c.segment_id ?? '', filter: c.filter as Schema['Filter'],
    purpose: w.purpose, text: w.text ?? '', differ: Object.keys({ ...w.variants, ...w.mass_variants }).length > 0,
    variants: { ...empty.variants, ...w.variants }, mass: w.mass ?? '', mass_variants: { ...empty.mass_variants, ...w.mass_variants },
    template: templateOf(w.template), subscription: templateOf(w.subscription), sms: w.sms ? { ...w.sms, params: [...w.sms.params] } : empty.sms,
    task: w.task ?? '', channels: c.channels as Channel[], control: c.control, outcome_days: c.outcome_days, version: c.version,
  }
}

/** The channels of a draft that its purpose permits, the cheapest first. */
export const usable = (d: Draft): Channel[] => channels.filter((ch) => d.channels.includes(ch) && (ch !== 'template' || d.purpose === 'notice'))

/** The words of the kinds that have their own. */
function own(variants: Record<string, string>): Record<string, string> | null {
  const said = Object.entries(variants).filter(([, text]) => text.trim())
  return said.length ? Object.fromEntries(said.map(([kind, text]) => [kind, text.trim()])) : null
}

/** The wording of a draft: what no channel needs is left out. */
export function wordingOf(d: Draft): Wording {
  const used = usable(d)
  const out: Wording = { purpose: d.purpose }
  if (used.includes('customer')) {
    out.text = d.text.trim()
    const variants = d.differ && own(d.variants)
    if (variants) out.variants = variants
  }
  if (used.includes('mass')) {
    out.mass = d.mass.trim()
    const variants = d.differ && own(d.mass_variants)
    if (variants) out.mass_variants = variants
  }
  if (used.includes('subscription')) out.subscription = wordedTemplate(d.subscription)
  if (used.includes('template')) out.template = wordedTemplate(d.template)
  if (used.includes('sms')) out.sms = { id: d.sms.id.trim(), text: d.sms.text.trim(), params: d.sms.params.slice(0, blanksOf(d.sms.text)).map((p) => p.trim()) }
  if (used.includes('task')) out.task = d.task.trim()
  return out
}
