import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FeedClient, type FeedState } from './client'
import type { FeedEvent } from './parse'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A server whose streams the test writes and cuts. */
function world(status = 200) {
  const asked: (string | null)[] = []
  const lines: ReadableStreamDefaultController<Uint8Array>[] = []
  const events: FeedEvent[] = []
  const states: FeedState[] = []
  let kept: string | null = null
  let signedOut = 0
  let unavailable = 0
  const client = new FeedClient({
    url: '/api/feed',
    onEvent: (e) => events.push(e),
    onState: (s) => states.push(s),
    onSignedOut: () => signedOut++,
    onUnavailable: () => unavailable++,
    place: { get: () => kept, set: (id) => (kept = id) },
    random: () => 1,
    fetch: (async (_url: string, init: RequestInit) => {
      asked.push(new Headers(init.headers).get('Last-Event-ID'))
      if (status !== 200) return new Response('{}', { status })
      const body = new ReadableStream<Uint8Array>({
        start(c) {
          lines.push(c)
          init.signal?.addEventListener('abort', () => c.error(new Error('aborted')))
        },
      })
      return new Response(body, { status: 200 })
    }) as typeof fetch,
  })
  const write = async (text: string) => {
    lines[lines.length - 1]?.enqueue(new TextEncoder().encode(text))
    await vi.advanceTimersByTimeAsync(1)
  }
  return { client, asked, lines, events, states, write, place: () => kept, signedOut: () => signedOut, unavailable: () => unavailable }
}

test('after a cut it comes back and resumes behind the last event', async () => {
  const w = world()
  w.client.start()
  await vi.advanceTimersByTimeAsync(1)
  await w.write('id: 5\n\n')
  await w.write('id: 6\nevent: message\ndata: {"conversation_id":"c"}\n\n')
  w.lines[0]?.close()
  await vi.advanceTimersByTimeAsync(10)
  expect(w.states.at(-1)).toBe('cut')
  await vi.advanceTimersByTimeAsync(1_100)
  expect(w.asked).toEqual([null, '6'])
  await w.write(': alive\n\n')
  expect(w.states.at(-1)).toBe('live')
  expect(w.events.map((e) => e.id)).toEqual(['6'])
})

test('a line that is silent for too long counts as cut', async () => {
  const w = world()
  w.client.start()
  await vi.advanceTimersByTimeAsync(1)
  await w.write('id: 1\n\n')
  await vi.advanceTimersByTimeAsync(44_000)
  expect(w.asked).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(3_000)
  expect(w.asked).toHaveLength(2)
})

test('a server that is away is asked ever more rarely, and at once when the network returns', async () => {
  const w = world(503)
  w.client.start()
  await vi.advanceTimersByTimeAsync(60_000)
  const tries = w.asked.length
  expect(tries).toBeGreaterThan(3)
  expect(tries).toBeLessThan(9)
  expect(w.unavailable()).toBe(tries)
  w.client.hurry()
  await vi.advanceTimersByTimeAsync(1)
  expect(w.asked).toHaveLength(tries + 1)
  w.client.stop()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(w.asked).toHaveLength(tries + 1)
})

test('a session that has ended is told once and asked for no more', async () => {
  const w = world(401)
  w.client.start()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(w.asked).toHaveLength(1)
  expect(w.signedOut()).toBe(1)
})
