import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { DatabaseStore, MemoryStore } from './database'
import type { OutboxItem, OutboxStore } from './item'
import { Outbox } from './outbox'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const written = (clientId: string, conversationId = 'c1') => ({ clientId, conversationId, kind: 'text' as const, text: clientId, at: 0 })

/** A server that takes messages by client id, as ours does, and fails as it is told. */
function world(store: OutboxStore = new MemoryStore()) {
  const server: string[] = []
  const failures: (Problem | 'lost')[] = []
  let items: OutboxItem[] = []
  const make = () =>
    new Outbox({
      store,
      onChange: (now) => (items = now),
      random: () => 1,
      send: async (item) => {
        const fails = failures.shift()
        if (fails instanceof Problem) throw fails
        if (!server.includes(item.clientId)) server.push(item.clientId)
        if (fails === 'lost') throw new Problem('timeout')
      },
    })
  return { server, failures, make, outbox: make(), items: () => items }
}
const settle = () => vi.advanceTimersByTimeAsync(0)

test('what is written while offline leaves once, in order, when the network returns', async () => {
  const w = world()
  await w.outbox.serve('me')
  w.failures.push(new Problem('offline'), new Problem('offline'), new Problem('offline'))
  await w.outbox.add(written('a'))
  await w.outbox.add(written('b'))
  await w.outbox.add(written('c'))
  await settle()
  expect(w.server).toEqual([])
  expect(w.items().map((i) => i.clientId)).toEqual(['a', 'b', 'c'])
  w.failures.length = 0
  w.outbox.kick()
  await settle()
  expect(w.server).toEqual(['a', 'b', 'c'])
  expect(w.items()).toEqual([])
})

test('a lost answer is asked again with the same id, so the message goes once, before what follows it', async () => {
  const w = world()
  await w.outbox.serve('me')
  w.failures.push('lost')
  await w.outbox.add(written('a'))
  await w.outbox.add(written('b'))
  await vi.advanceTimersByTimeAsync(3_000)
  expect(w.server).toEqual(['a', 'b'])
  expect(w.items()).toEqual([])
})

test('a refused message stays with its reason and holds nothing up', async () => {
  const w = world()
  await w.outbox.serve('me')
  w.failures.push(new Problem('invalid_input', 422, [{ field: 'text', reason: 'too_long' }]))
  await w.outbox.add(written('a'))
  await w.outbox.add(written('b'))
  await settle()
  expect(w.server).toEqual(['b'])
  expect(w.items().map((i) => [i.clientId, i.refused])).toEqual([['a', 'too_long']])
  await vi.advanceTimersByTimeAsync(120_000)
  expect(w.server).toEqual(['b'])
  await w.outbox.discard(w.items()[0]!)
  expect(w.items()).toEqual([])
})

test('one chat that fails holds up no other', async () => {
  const w = world()
  await w.outbox.serve('me')
  w.failures.push(new Problem('internal', 500))
  await w.outbox.add(written('a', 'c1'))
  await w.outbox.add(written('b', 'c2'))
  await settle()
  expect(w.server).toContain('b')
})

test('an ended session keeps everything; who signs in next sends only his own', async () => {
  const w = world()
  await w.outbox.serve('me')
  w.failures.push(new Problem('not_signed_in', 401))
  await w.outbox.add(written('mine'))
  await settle()
  await w.outbox.serve('other')
  await settle()
  expect(w.server).toEqual([])
  expect(w.items()).toEqual([])
  await w.outbox.serve('me')
  await settle()
  expect(w.server).toEqual(['mine'])
})

test('items outlive the page, with their pictures', async () => {
  vi.useRealTimers()
  const store = new DatabaseStore()
  await store.add({ ...written('a'), staffId: 'me', kind: 'image', attachment: { type: 'image/jpeg', bytes: new Uint8Array([1, 2, 3]).buffer } })
  await store.add({ ...written('b'), staffId: 'other' })
  const [item, ...rest] = await new DatabaseStore().all('me')
  expect(rest).toEqual([])
  expect(new Uint8Array(item!.attachment!.bytes)).toEqual(new Uint8Array([1, 2, 3]))
  await store.put({ ...item!, mediaId: 'm1' })
  expect((await store.all('me'))[0]?.mediaId).toBe('m1')
  await store.remove(item!.seq)
  expect(await store.all('me')).toEqual([])
})
