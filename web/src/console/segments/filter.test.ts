import { describe, expect, it } from 'vitest'
import { condition, gaps, group, lacks, partAt, read, size, write, type Field, type Filter } from './filter'

const field = (name: string, kind: Field['kind'], more: Partial<Field> = {}): Field => ({ name, kind, values: [], days: false, from: 0, to: 3_660, span: 0, ...more })
const fields = new Map(
  [field('tag', 'choice'), field('last_purchase', 'since'), field('amount', 'number', { days: true, from: -1_000, to: 1_000_000 }), field('birthday', 'number', { to: 366, span: 92 }), field('bound', 'flag')].map((f) => [f.name, f]),
)
const kinds = new Map([...fields].map(([name, f]) => [name, f.kind]))

describe('a filter', () => {
  it.each<Filter>([
    { all: [{ field: 'tag', in: ['VIP'] }, { field: 'amount', from: 100, days: 30 }] },
    { any: [{ field: 'last_purchase', from: 90 }, { field: 'last_purchase', to: 7 }, { field: 'last_purchase', from: 7, to: 90 }] },
    { all: [{ not: { field: 'tag', in: ['VIP'] } }, { field: 'last_purchase', is: false }, { field: 'bound', is: true }] },
    { not: { any: [{ field: 'bound', is: false }, { field: 'amount', to: 5 }] } },
    { all: [{ field: 'bound', is: true }, { not: { field: 'amount', from: 1, to: 2 } }, { not: { all: [{ field: 'tag', in: ['a'] }, { field: 'tag', in: ['b'] }] } }] },
  ])('is written as it was read: %j', (filter) => {
    expect(write(read(filter, kinds)).filter).toEqual(filter)
  })

  it('of one condition is shown in a group', () => {
    expect(write(read({ field: 'bound', is: true }, kinds)).filter).toEqual({ all: [{ field: 'bound', is: true }] })
  })

  it('that denies twice says what it denies', () => {
    expect(write(read({ not: { not: { field: 'tag', in: ['a'] } } }, kinds)).filter).toEqual({ all: [{ field: 'tag', in: ['a'] }] })
    expect(write(read({ not: { not: { any: [{ field: 'bound', is: true }] } } }, kinds)).filter).toEqual({ any: [{ field: 'bound', is: true }] })
  })

  it('sends nothing of an earlier comparison', () => {
    expect(write(group('all', [condition('amount', 'most', { from: 5, to: 9, in: ['x'] })])).filter).toEqual({ all: [{ field: 'amount', to: 9 }] })
  })
})

describe('a place of the server', () => {
  const inner = group('none', [condition('bound', 'yes'), condition('bound', 'no')])
  const root = group('all', [condition('tag', 'not_in', { in: ['a'] }), inner])
  const { places } = write(root)
  it.each([
    ['filter', root.id],
    ['filter.all[0]', root.parts[0]?.id],
    ['filter.all[0].not', root.parts[0]?.id],
    ['filter.all[1].not.any[1].field', inner.parts[1]?.id],
    ['filter.all[1].not', inner.id],
    ['elsewhere', undefined],
  ])('%s is found on the screen', (place, id) => {
    expect(partAt(place, places)).toBe(id)
  })
})

describe('what is not yet written', () => {
  it.each([
    [condition('tag', 'in'), 'required'],
    [condition('tag', 'in', { in: ['a'] }), null],
    [condition('last_purchase', 'between', { from: 3 }), 'required'],
    [condition('last_purchase', 'between', { from: 9, to: 3 }), 'from_after_to'],
    [condition('last_purchase', 'before', { from: 4_000 }), 'range'],
    [condition('last_purchase', 'never'), null],
    [condition('birthday', 'between', { from: 0, to: 93 }), 'span'],
    [condition('birthday', 'between', { from: 0, to: 92 }), null],
    [condition('amount', 'least', { from: -1_001 }), 'range'],
    [condition('gone', 'yes'), 'unknown'],
  ])('%j: %s', (c, reason) => {
    expect(lacks(c, fields.get(c.field))).toBe(reason)
  })

  it('is told for each part, groups too', () => {
    const empty = group('any', [])
    const half = condition('tag', 'in')
    expect(gaps(group('all', [empty, half, condition('bound', 'yes')]), fields)).toEqual(new Map([[empty.id, 'empty'], [half.id, 'required']]))
  })

  it('is counted as the server counts it', () => {
    const inner = group('any', [condition('tag', 'not_in', { in: ['a'] }), condition('bound', 'yes')])
    expect(size(group('none', [inner]))).toBe(5)
    expect(size(group('none', [inner, condition('bound', 'no')]))).toBe(7)
  })
})
