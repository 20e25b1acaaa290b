import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const source = join(__dirname, '..')

type Words = { [key: string]: string | Words }

function keys(words: Words, path = ''): string[] {
  return Object.entries(words).flatMap(([k, v]) => (typeof v === 'string' ? [path + k] : keys(v, `${path}${k}.`)))
}

function fields(words: Words): Record<string, string> {
  const out: Record<string, string> = {}
  const walk = (w: Words, path: string): void =>
    Object.entries(w).forEach(([k, v]) => {
      if (typeof v === 'string') out[path + k] = [...v.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join()
      else walk(v, `${path}${k}.`)
    })
  walk(words, '')
  return out
}

const read = (language: string, file: string) => JSON.parse(readFileSync(join(__dirname, language, file), 'utf8')) as Words
const files = readdirSync(join(__dirname, 'zh-CN'))

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((e) => {
    const path = join(folder, e.name)
    if (e.isDirectory()) return e.name === 'locales' ? [] : sources(path)
    return /\.(vue|ts)$/.test(e.name) && !/\.test\.ts$|\.gen\.ts$|\.d\.ts$/.test(e.name) ? [path] : []
  })
}

test('both languages have the same files', () => {
  expect(readdirSync(join(__dirname, 'en')).sort()).toEqual([...files].sort())
})

describe.each(files)('%s', (file) => {
  test('has the same keys in both languages', () => {
    expect(keys(read('en', file)).sort()).toEqual(keys(read('zh-CN', file)).sort())
  })
  test('fills in the same fields in both languages', () => {
    expect(fields(read('en', file))).toEqual(fields(read('zh-CN', file)))
  })
  test('leaves no text empty', () => {
    for (const language of ['zh-CN', 'en']) {
      expect(Object.entries(JSON.parse(JSON.stringify(read(language, file)))).filter(([, v]) => v === '')).toEqual([])
    }
  })
})

test('every text that the clerk app names is there', () => {
  const known = new Set([...keys(read('zh-CN', 'common.json')), ...keys(read('zh-CN', 'clerk.json'))])
  const missing: string[] = []
  for (const path of sources(source).filter((p) => !p.includes('/console/'))) {
    const text = readFileSync(path, 'utf8')
    for (const [, key] of text.matchAll(/\bt\(\s*'([\w.-]+)'\s*[,)]/g)) if (key && !known.has(key)) missing.push(`${path}: ${key}`)
    for (const [, a, b] of text.matchAll(/\bt\([^()]*\? '([\w.]+)' : '([\w.]+)'/g)) {
      for (const key of [a, b]) if (key && !known.has(key)) missing.push(`${path}: ${key}`)
    }
  }
  expect(missing).toEqual([])
})

test('no words stand outside the language files', () => {
  const found = sources(source).filter((path) => {
    const text = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    return /[\u4e00-\u9fff]/.test(text)
  })
  expect(found).toEqual([])
})
