import { describe, expect, it } from 'vitest'
import type { Member } from '@/api/client'
import { changesOf, type Draft } from './edit'

const was = {
  name: '林小雨', phone: '139****0001', card_no: 'A1', birthday: '1990-02-03', sex: 'female', preferred_channel: null, preferred_hours: null,
  class: 'seed', sub_class: '新客', children: [{ birthday: '2024-05-01', name: '豆豆' }],
} as unknown as Member
const same: Draft = {
  name: '林小雨', phone: '', card_no: 'A1', birthday: '1990-02-03', sex: 'female', preferred_channel: '', preferred_hours: '',
  class: 'seed', sub_class: '新客', children: [{ name: '豆豆', birthday: '2024-05-01', sex: '' }],
}

describe('what is sent of an edited file', () => {
  it('is nothing when nothing was changed', () => {
    expect(changesOf(was, same)).toEqual({})
  })

  it('is what was changed; emptied fields are null, an empty phone is left alone', () => {
    expect(changesOf(was, { ...same, card_no: ' ', preferred_hours: ' 晚上 ', children: [] })).toEqual({ card_no: null, preferred_hours: '晚上', children: [], children_were: was.children })
    expect(changesOf(was, { ...same, phone: '13900000002' })).toEqual({ phone: '13900000002' })
  })

  it('begins another class without the old sub-class', () => {
    expect(changesOf(was, { ...same, class: 'key', sub_class: '' })).toEqual({ class: 'key', sub_class: null })
    expect(changesOf(was, { ...same, class: '', sub_class: '' })).toEqual({ class: null })
  })
})
