import { expect, test } from 'vitest'
import type { Message } from '@/api/client'
import { linkify } from './linkify'
import { timeAbove, together } from './shown'
import { amrSeconds, wav } from '@/shared/voice/voice'

test('only http and https become links, and the sentence around them stays', () => {
  expect(linkify('看 https://a.cn/x?y=1，谢谢 javascript:alert(1)')).toEqual([
    { text: '看 ' },
    { text: 'https://a.cn/x?y=1', href: 'https://a.cn/x?y=1' },
    { text: '，谢谢 javascript:alert(1)' },
  ])
  expect(linkify('(http://a.cn).').map((p) => p.text)).toEqual(['(', 'http://a.cn', ').'])
  expect(linkify('')).toEqual([])
})

test('an item of the outbox is shown until the server has it, and once', () => {
  const me = { id: 's', name: 'n' }
  const item = (clientId: string) => ({ seq: 1, clientId, staffId: 's', conversationId: 'c', kind: 'text' as const, text: 'x', at: 0 })
  const taken = { id: '1', client_id: 'a', at: '2026-11-03T00:00:00Z' } as Message
  expect(together([taken], [item('a'), item('b')], me).map((m) => [m.client_id, m.state])).toEqual([['a', undefined], ['b', 'local']])
})

test('the time stands above the first message and after a pause', () => {
  const all = ['2026-11-03T00:00:00Z', '2026-11-03T00:04:00Z', '2026-11-03T00:10:00Z'].map((at) => ({ at }))
  expect(all.map((_, i) => timeAbove(all as never, i))).toEqual([true, false, true])
})

test('the length of a voice is counted by its frames', () => {
  const head = [...'#!AMR\n'].map((c) => c.charCodeAt(0))
  const frame = [0x3c, ...Array<number>(31).fill(0)] // 12.2 kbit/s
  expect(amrSeconds(new Uint8Array([...head, ...Array.from({ length: 150 }, () => frame).flat()]))).toBe(3)
  expect(amrSeconds(new Uint8Array([1, 2, 3]))).toBe(0)
})

test('samples become a WAV file that says how long it is', async () => {
  const file = new DataView(await wav(new Float32Array([0, 1, -1]), 8_000).arrayBuffer())
  expect(file.byteLength).toBe(50)
  expect(file.getUint32(24, true)).toBe(8_000)
  expect(file.getInt16(46, true)).toBe(32_767)
})
