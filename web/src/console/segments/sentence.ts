import { condition, usesFrom, usesTo, type Condition, type Field, type Group, type Part } from './filter'
import { isMoney, units } from './units'

/** Where the words come from: the texts of a language, and the names of values. */
export interface Words {
  t: (key: string, named?: Record<string, unknown>) => string
  te: (key: string) => boolean
  field: (name: string) => string
  value: (field: string, value: string) => string
}

/** Names of values that a sentence tells; of more it tells how many there are. */
const mostNames = 5

/** The key of a saying: a field's own where it has one, that of its kind, the general one. */
export function keyOf(te: (key: string) => boolean, shelf: string, op: string, c: Condition, kind: Field['kind'] | undefined): string {
  return [`${shelf}.${op}_${c.field}`, `${shelf}.${op}_${kind}`, `${shelf}.${op}`].find(te) ?? `${shelf}.${op}`
}

function ofCondition(c: Condition, kind: Field['kind'] | undefined, w: Words): string {
  const gap = w.t('segment_say.gap')
  const number = (n: number | null) => (n === null ? gap : (isMoney(c.field) ? n / 100 : n).toLocaleString('en-US'))
  const unit = units[c.field]
  const names = c.in.slice(0, mostNames).map((v) => w.value(c.field, v))
  const said = names.length ? names.join(w.t('segment_say.or')) : gap
  const text = w.t(keyOf(w.te, 'segment_say', c.op, c, kind), {
    field: w.field(c.field),
    values: c.in.length > mostNames ? w.t('segment_say.more', { values: said, n: c.in.length }) : said,
    from: usesFrom(c.op) ? number(c.from) : '',
    to: usesTo(c.op) ? number(c.to) : '',
    unit: unit ? w.t('segment_unit.' + unit) : '',
  })
  return c.days ? w.t('segment_say.days', { n: c.days.toLocaleString('en-US'), text }) : text
}

function ofGroup(g: Group, kinds: ReadonlyMap<string, Field['kind']>, w: Words): string {
  if (!g.parts.length) return w.t('segment_say.gap')
  const lone = g.parts.length === 1
  const parts = g.parts.map((p) => {
    const text = sentence(p, kinds, w)
    return p.kind === 'group' && p.parts.length > 1 && !lone ? w.t('segment_say.inner', { text }) : text
  })
  if (lone) return g.how === 'none' ? w.t('segment_say.not', { text: parts[0] }) : (parts[0] ?? '')
  return w.t('segment_say.' + g.how, { text: parts.join(w.t('segment_join.' + g.how)) })
}

/** A filter as one sentence: "all of these hold: the last purchase was more than 90 days ago, and …". */
export function sentence(part: Part, kinds: ReadonlyMap<string, Field['kind']>, w: Words): string {
  return part.kind === 'group' ? ofGroup(part, kinds, w) : ofCondition(part, kinds.get(part.field), w)
}

/** What a new filter begins with: who has not come for a season. */
export const beginning = (): Condition => condition('last_visit', 'before', { from: 90 })
