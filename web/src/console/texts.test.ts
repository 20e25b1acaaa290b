import { describe, expect, it } from 'vitest'
import commonZh from '@/locales/zh-CN/common.json'
import en from '@/locales/en/console.json'
import zh from '@/locales/zh-CN/console.json'
import { actions, objects } from './audits/actions'
import { menu } from './shell/menu'

type Words = { [key: string]: string | Words }

function keys(words: Words, before = ''): string[] {
  return Object.entries(words).flatMap(([k, v]) => (typeof v === 'string' ? [before + k] : keys(v, before + k + '.')))
}

function places(text: string): string[] {
  return (text.match(/\{\w+\}/g) ?? []).sort()
}

function at(words: Words, key: string): string {
  return key.split('.').reduce<Words | string>((w, k) => (w as Words)[k] ?? '', words) as string
}

describe('the texts of the console', () => {
  it('have the same keys in both languages', () => {
    expect(keys(en).sort()).toEqual(keys(zh).sort())
  })

  it('fill in the same places in both languages', () => {
    const differing = keys(zh).filter((k) => {
      const own = new Set(places(at(zh, k)))
      return places(at(en, k)).some((p) => !own.has(p))
    })
    expect(differing).toEqual([])
  })

  it('leave the shared texts alone', () => {
    expect(Object.keys(zh).filter((k) => k in commonZh)).toEqual([])
  })

  it('name every entry of the menu and every act of the log', () => {
    expect(menu.filter((e) => !at(zh, 'menu.' + e.name)).map((e) => e.name)).toEqual([])
    expect(actions.filter((a) => !at(zh, 'audit.' + a.replace('.', '_')))).toEqual([])
    expect(objects.filter((o) => !at(zh, 'audit_object.' + o))).toEqual([])
  })
})
