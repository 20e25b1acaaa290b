import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import en from '@/locales/en/console.json'
import zh from '@/locales/zh-CN/console.json'
import type { Field, Filter } from './filter'
import { read } from './filter'
import { sentence, type Words } from './sentence'

const kinds = new Map<string, Field['kind']>([
  ['last_purchase', 'since'], ['last_visit', 'since'], ['child_months', 'number'], ['amount', 'number'], ['birthday', 'number'],
  ['tag', 'choice'], ['sex', 'choice'], ['bought', 'choice'], ['consent', 'choice'], ['bound', 'flag'],
])

function words(locale: 'zh-CN' | 'en'): Words {
  const { t, te } = createI18n({ legacy: false, locale, messages: { 'zh-CN': zh, en } as never }).global as unknown as Pick<Words, 't' | 'te'>
  const word = (key: string, otherwise: string) => (te(key) ? t(key) : otherwise)
  return {
    t: (key, named) => t(key, named ?? {}),
    te: (key) => te(key),
    field: (name) => word('segment_field.' + name, name),
    value: (field, v) => (v === 'unset' ? word('segment_unset.' + field, v) : word(`segment_value.${field}.${v}`, v)),
  }
}
const say = (filter: Filter, locale: 'zh-CN' | 'en' = 'zh-CN') => sentence(read(filter, kinds), kinds, words(locale))

describe('a filter reads as a sentence', () => {
  it('with all its conditions', () => {
    const filter: Filter = { all: [{ field: 'last_purchase', from: 90 }, { field: 'child_months', from: 6, to: 12 }, { not: { field: 'tag', in: ['VIP', '同行'] } }] }
    expect(say(filter)).toBe('下面全部满足：最近一次购买在 90 天以前，并且孩子月龄在 6 到 12 个月之间，并且标签没有 VIP 或 同行')
    expect(say(filter, 'en')).toBe("all of these: Last purchase 90 or more days ago, and Child's age between 6 and 12 months, and not tagged VIP or 同行")
  })

  it('with groups in groups', () => {
    expect(say({ any: [{ field: 'bound', is: false }, { all: [{ field: 'last_visit', is: false }, { field: 'sex', in: ['unset'] }] }] })).toBe(
      '下面至少满足一个：没有所属店员，或者（下面全部满足：从来没有到过店，并且性别是 不清楚）',
    )
    expect(say({ not: { field: 'amount', from: 1, to: 2 } })).toBe('不是（消费金额在 0.01 到 0.02 元之间）')
    expect(say({ any: [{ field: 'bound', is: true }, { not: { all: [{ field: 'last_visit', to: 3 }, { field: 'bound', is: false }] } }] })).toBe('下面至少满足一个：有所属店员，或者不是（下面全部满足：最近一次到店在 3 天以内，并且没有所属店员）')
    expect(say({ not: { any: [{ field: 'bound', is: true }, { field: 'last_purchase', to: 7 }] } })).toBe('下面一个都不满足：有所属店员，最近一次购买在 7 天以内')
  })

  it('with money in yuan and the days it counts', () => {
    expect(say({ field: 'amount', from: 100_000, days: 90 })).toBe('最近 90 天消费金额至少 1,000 元')
    expect(say({ field: 'bought', in: ['奶粉'], days: 30 })).toBe('最近 30 天买过 奶粉')
    expect(say({ field: 'birthday', from: 0, to: 7 })).toBe('生日在 0 到 7 天后')
    expect(say({ field: 'consent', in: ['marketing'] })).toBe('同意了 活动和优惠')
  })

  it('with the first of many values, and with gaps where nothing is written yet', () => {
    expect(say({ field: 'tag', in: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] })).toBe('标签有 a 或 b 或 c 或 d 或 e 等 7 个')
    expect(say({ all: [{ field: 'tag', in: [] }, { field: 'bound', is: true }] })).toBe('下面全部满足：标签有 …，并且有所属店员')
  })

  it('with a field that is newer than the page', () => {
    expect(say({ field: 'shoe_size', from: 40 })).toBe('shoe_size至少 40')
  })
})
