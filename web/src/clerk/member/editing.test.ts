import { expect, test } from 'vitest'
import { differing, missing, patchOf, rebase, type Form } from './editing'

const form = (over: Partial<Form> = {}): Form => ({
  name: '王敏', phone: '', card: '', birthday: '', sex: '', channel: '', hours: '', class: '', subClass: '', children: [], ...over,
})

test('only what was changed is asked for, and what is emptied is null', () => {
  expect(patchOf(form(), form())).toEqual({})
  expect(patchOf(form({ sex: 'female' }), form({ name: ' 王芳 ', sex: '' }))).toEqual({ name: '王芳', sex: null })
  expect(patchOf(form(), form({ phone: null }))).toEqual({ phone: null })
  expect(patchOf(form(), form({ phone: ' ' }))).toEqual({})
  expect(patchOf(form(), form({ phone: '13900000001' }))).toEqual({ phone: '13900000001' })
})

test('a sub-class goes along with its class, and goes with it', () => {
  expect(patchOf(form(), form({ class: 'seed', subClass: '孕期' }))).toEqual({ class: 'seed', sub_class: '孕期' })
  expect(patchOf(form({ class: 'seed', subClass: '孕期' }), form({ class: 'key', subClass: '孕期' }))).toEqual({ class: 'key', sub_class: '孕期' })
  expect(patchOf(form({ class: 'seed', subClass: '孕期' }), form({ class: 'seed' }))).toEqual({ sub_class: null })
  expect(patchOf(form({ class: 'seed', subClass: '孕期' }), form())).toEqual({ class: null })
})

test('children are sent whole, with those that were seen', () => {
  const was = [{ birthday: '2024-02-29', sex: 'male' as const }]
  expect(patchOf(form({ children: was }), form({ children: [{ name: ' 小宝 ', birthday: '2024-02-29', sex: 'male' }] }))).toEqual({
    children: [{ name: '小宝', birthday: '2024-02-29', sex: 'male' }],
    children_were: was,
  })
  expect(differing(form({ children: was }), form({ children: [{ name: '', birthday: '2024-02-29', sex: 'male' }] }))).toEqual([])
})

test('what others changed is taken over, what was typed stays, and where both did it is told', () => {
  const got = rebase(form(), form({ name: '王芳', hours: '晚上' }), form({ name: '王梅', card: 'C-1' }))
  expect(got.form).toEqual(form({ name: '王芳', hours: '晚上', card: 'C-1' }))
  expect(got.clashes).toEqual(['name'])
  expect(rebase(form(), form({ name: '王芳' }), form({ name: '王芳' })).clashes).toEqual([])
})

test('a name may not go, a birthday is whole, and a child has one', () => {
  expect(missing(form(), form({ name: ' ' }))).toBe('name')
  expect(missing(form({ name: '' }), form({ name: '' }))).toBeNull()
  expect(missing(form(), form({ children: [{ birthday: '' }] }))).toBe('child')
  expect(missing(form(), form({ children: [{ birthday: '2020-05-' }] }))).toBe('child')
  expect(missing(form(), form({ birthday: '1990--' }))).toBe('birthday')
  expect(missing(form(), form({ birthday: '1990-05-01', children: [{ birthday: '2020-05-01' }] }))).toBeNull()
})
