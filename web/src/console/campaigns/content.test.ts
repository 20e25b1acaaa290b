import { describe, expect, it, test } from 'vitest'
import type { Schema } from '@/api/client'
import { draftOf, emptyDraft, filled, templateLimit, unknownField, usable, wordingOf, type Draft } from './content'

const draft = (more: Partial<Draft>): Draft => ({ ...emptyDraft(), ...more })

test('fields are filled where their value is known', () => {
  expect(filled('{member}您好，{clerk}在{store}等{child}，{member}有{points}分', { member: '林小雨', clerk: '王芳', child: '' })).toBe('林小雨您好，王芳在{store}等，林小雨有{points}分')
})

test.each([
  ['thing1', 20],
  ['phrase2', 5],
  ['time3', null],
  ['', null],
])('WeChat takes in %j as many as %j', (name, most) => {
  expect(templateLimit(name)).toBe(most)
})

test.each([
  ['{member}您好', null],
  ['{membr}您好', '{membr}'],
  ['{}', '{}'],
  ['没有括号', null],
  ['{ 空 格 }', null],
])('%j has the unknown field %j', (text, field) => {
  expect(unknownField(text)).toBe(field)
})

describe('a draft', () => {
  it('sends only what its channels need', () => {
    const typed = { text: ' 您好 ', task: ' 问好 ', template: { id: 'T', url: 'https://a.cn', fields: [{ name: 'thing1', text: '到货' }, { name: ' ', text: 'x' }] } }
    expect(wordingOf(draft({ ...typed, channels: ['customer'] }))).toEqual({ purpose: 'offer', text: '您好' })
    expect(wordingOf(draft({ ...typed, channels: ['task'] }))).toEqual({ purpose: 'offer', task: '问好' })
    expect(wordingOf(draft({ ...typed, purpose: 'notice', channels: ['template'] }))).toEqual({
      purpose: 'notice', template: { id: 'T', url: 'https://a.cn', fields: { thing1: '到货' } },
    })
  })

  it('never offers by service template, and keeps the choice for a notice', () => {
    const d = draft({ channels: ['task', 'template', 'customer'] })
    expect(usable(d)).toEqual(['customer', 'task'])
    expect(usable({ ...d, purpose: 'notice' })).toEqual(['customer', 'template', 'task'])
  })

  it('sends the words of a kind of member only where there are some', () => {
    const variants = { member: '老朋友', prospect: ' ' }
    expect(wordingOf(draft({ text: 'a', differ: true, variants, channels: ['customer'] })).variants).toEqual({ member: '老朋友' })
    expect(wordingOf(draft({ text: 'a', differ: false, variants, channels: ['customer'] })).variants).toBeUndefined()
  })

  it('has a mass message of its own, which is the same for all of a kind', () => {
    const d = draft({ text: '{member}您好', mass: '各位您好', differ: true, mass_variants: { member: '', prospect: '新朋友好' }, channels: ['task', 'mass'], task: '问好' })
    expect(wordingOf(d)).toEqual({ purpose: 'offer', mass: '各位您好', mass_variants: { prospect: '新朋友好' }, task: '问好' })
    expect(usable(d)).toEqual(['mass', 'task'])
  })

  it('is read from a campaign as it was written to it', () => {
    const content = { purpose: 'notice' as const, text: 'a', variants: { prospect: 'b' }, template: { id: 'T', fields: { thing1: 'x', time2: 'y' } }, subscription: { id: 'S', url: 'https://a.cn', fields: { thing3: 'z' } }, task: 'c' }
    const c = { name: 'n', store_id: null, segment_id: null, filter: { field: 'bound', is: true }, content, channels: ['customer', 'subscription', 'template', 'task'], control: 5, outcome_days: 7, version: 3 } as unknown as Schema['Campaign']
    const d = draftOf(c)
    expect(d).toMatchObject({ who: 'filter', differ: true, version: 3, template: { fields: [{ name: 'thing1', text: 'x' }, { name: 'time2', text: 'y' }] } })
    expect(wordingOf(d)).toEqual(content)
  })
})
