import type { Schema } from '@/api/client'

export type Filter = Schema['Filter']
export type Field = Schema['Field']

/** How the parts of a group are joined: each must hold, at least one, or none. */
export type How = 'all' | 'any' | 'none'

/** What a condition says about its field. */
export type Op = 'in' | 'not_in' | 'between' | 'least' | 'most' | 'within' | 'before' | 'ever' | 'never' | 'yes' | 'no'

export interface Group {
  id: number
  kind: 'group'
  how: How
  parts: Part[]
}

export interface Condition {
  id: number
  kind: 'condition'
  field: string
  op: Op
  in: string[]
  from: number | null
  to: number | null
  days: number | null
}

/** A part of a filter as it stands on the screen, half written or whole. */
export type Part = Group | Condition

/** How deep parts may stand in each other, and how many a filter may have: the server's limits. */
export const mostDeep = 5
export const mostParts = 50

let last = 0
const newId = () => ++last

export const group = (how: How, parts: Part[]): Group => ({ id: newId(), kind: 'group', how, parts })

export function condition(field: string, op: Op, more: Partial<Condition> = {}): Condition {
  return { id: newId(), kind: 'condition', field, op, in: [], from: null, to: null, days: null, ...more }
}

/** What can be said of a field of some kind; the first is what a new condition begins with. */
export function opsOf(kind: Field['kind']): readonly Op[] {
  switch (kind) {
    case 'choice':
      return ['in', 'not_in']
    case 'number':
      return ['between', 'least', 'most']
    case 'since':
      return ['before', 'within', 'between', 'ever', 'never']
    default:
      return ['yes', 'no']
  }
}

export const usesFrom = (op: Op) => op === 'between' || op === 'least' || op === 'before'
export const usesTo = (op: Op) => op === 'between' || op === 'most' || op === 'within'

/** The filter of the API, and where in it each part stands: what the server says of a place belongs to that part. */
export function write(root: Group): { filter: Filter; places: Map<string, number> } {
  const places = new Map<string, number>()
  return { filter: of(root, 'filter', places), places }
}

function of(part: Part, at: string, places: Map<string, number>): Filter {
  places.set(at, part.id)
  if (part.kind === 'condition') return ofCondition(part, at, places)
  const list = (how: 'all' | 'any', below: string) => part.parts.map((p, i) => of(p, `${below}.${how}[${i}]`, places))
  if (part.how !== 'none') return { [part.how]: list(part.how, at) }
  const only = part.parts.length === 1 ? part.parts[0] : undefined
  return { not: only ? of(only, at + '.not', places) : { any: list('any', at + '.not') } }
}

function ofCondition(c: Condition, at: string, places: Map<string, number>): Filter {
  if (c.op === 'not_in') {
    places.set(at + '.not', c.id)
    return { not: plain({ ...c, op: 'in' }) }
  }
  return plain(c)
}

function plain(c: Condition): Filter {
  const out: Filter = { field: c.field }
  if (c.op === 'in') out.in = [...c.in]
  if (usesFrom(c.op) && c.from !== null) out.from = c.from
  if (usesTo(c.op) && c.to !== null) out.to = c.to
  if (c.op === 'ever' || c.op === 'yes') out.is = true
  if (c.op === 'never' || c.op === 'no') out.is = false
  if (c.days) out.days = c.days
  return out
}

/** The part a place of the server's belongs to: the place itself, or the nearest one above it. */
export function partAt(place: string, places: ReadonlyMap<string, number>): number | undefined {
  for (let at = place; at; at = at.replace(/(\.[^.[]*|\[\d+\])$/, '')) {
    const found = places.get(at)
    if (found !== undefined) return found
    if (!/[.[]/.test(at)) break
  }
  return undefined
}

/** A kept filter as a group to be written on. */
export function read(filter: Filter, kinds: ReadonlyMap<string, Field['kind']>): Group {
  const part = toPart(filter, kinds)
  return part.kind === 'group' ? part : group('all', [part])
}

function toPart(f: Filter, kinds: ReadonlyMap<string, Field['kind']>): Part {
  if (f.not) {
    const inner = toPart(f.not, kinds)
    if (inner.kind === 'condition') return inner.op === 'in' ? { ...inner, op: 'not_in' } : inner.op === 'not_in' ? { ...inner, op: 'in' } : group('none', [inner])
    if (inner.how === 'all') return group('none', [inner])
    return group(inner.how === 'any' ? 'none' : 'any', inner.parts)
  }
  const list = f.all ?? f.any
  if (list) return group(f.all ? 'all' : 'any', list.map((p) => toPart(p, kinds)))
  const from = f.from ?? null
  const to = f.to ?? null
  return condition(f.field ?? '', opOf(f, kinds.get(f.field ?? '')), { in: [...(f.in ?? [])], from, to, days: f.days ?? null })
}

function opOf(f: Filter, kind: Field['kind'] | undefined): Op {
  if (f.in) return 'in'
  const since = kind === 'since'
  if (f.is !== undefined) return since ? (f.is ? 'ever' : 'never') : f.is ? 'yes' : 'no'
  if (f.from !== undefined && f.to !== undefined) return 'between'
  if (f.from !== undefined) return since ? 'before' : 'least'
  return since ? 'within' : 'most'
}

/** What a condition still lacks, in the server's words; nothing: it can be asked. */
export function lacks(c: Condition, field: Field | undefined): string | null {
  if (!field) return 'unknown'
  if (c.op === 'in' || c.op === 'not_in') return c.in.length ? null : 'required'
  const from = usesFrom(c.op)
  const to = usesTo(c.op)
  if ((from && c.from === null) || (to && c.to === null)) return 'required'
  const out = (n: number | null) => n !== null && (n < field.from || n > field.to)
  if ((from && out(c.from)) || (to && out(c.to))) return 'range'
  if (from && to && (c.from ?? 0) > (c.to ?? 0)) return 'from_after_to'
  if (field.span > 0 && (!from || !to || (c.to ?? 0) - (c.from ?? 0) > field.span)) return 'span'
  return null
}

/** What is not yet written in a filter, by part; an empty group lacks its parts. */
export function gaps(part: Part, fields: ReadonlyMap<string, Field>): Map<number, string> {
  const found = new Map<number, string>()
  const walk = (p: Part): void => {
    if (p.kind === 'condition') {
      const reason = lacks(p, fields.get(p.field))
      if (reason) found.set(p.id, reason)
    } else if (!p.parts.length) found.set(p.id, 'empty')
    else p.parts.forEach(walk)
  }
  walk(part)
  return found
}

/** How many parts of the API's a part takes by itself: what is denied stands in a part of its own. */
function steps(part: Part): number {
  if (part.kind === 'condition') return part.op === 'not_in' ? 2 : 1
  return part.how === 'none' && part.parts.length !== 1 ? 2 : 1
}

/** How many parts a filter has, as the server counts them. */
export function size(part: Part): number {
  return steps(part) + (part.kind === 'group' ? part.parts.reduce((n, p) => n + size(p), 0) : 0)
}
