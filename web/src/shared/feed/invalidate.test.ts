import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Invalidator, staleKeys } from './invalidate'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const event = (kind: string, data: Record<string, string> = {}) => ({ id: '1', kind, data })

test('a message makes its chat and the lists stale, and no other chat', () => {
  expect(staleKeys(event('message', { conversation_id: 'c', member_id: 'm' }))).toEqual([['conversations'], ['conversation', 'c'], ['messages', 'c']])
})

test('a conversation that got its clerk, or a member who got his conversation, makes his file stale', () => {
  expect(staleKeys(event('conversation', { conversation_id: 'c', member_id: 'm' }))).toContainEqual(['member', 'm'])
  expect(staleKeys(event('conversation'))).toEqual([['conversations'], ['conversation']])
})

test('a reset, a change of rights and what is unknown make everything stale', () => {
  for (const kind of ['reset', 'scope', 'handover', 'tomorrow']) expect(staleKeys(event(kind))).toBeNull()
})

test('a step of a campaign makes it and the lists stale, and none of its recipients: each look at those is recorded', () => {
  expect(staleKeys(event('campaign', { campaign_id: 'c', state: 'running' }))).toEqual([['campaigns'], ['my_campaigns'], ['campaign', 'c']])
  expect(staleKeys(event('campaign'))).toEqual([['campaigns'], ['my_campaigns'], ['campaign']])
})

test('the scan of a clerk makes his link stale and nothing else', () => {
  expect(staleKeys(event('staff_link'))).toEqual([['link']])
})

test('a burst costs one fetch of each thing', () => {
  const asked: unknown[] = []
  const i = new Invalidator({ invalidateQueries: async (f: { queryKey?: unknown }) => void asked.push(f.queryKey) } as never, 100)
  for (let n = 0; n < 50; n++) i.take(event('message', { conversation_id: 'c' }))
  vi.advanceTimersByTime(100)
  expect(asked).toEqual([['conversations'], ['conversation', 'c'], ['messages', 'c']])
  i.take(event('message', { conversation_id: 'c' }))
  i.take(event('reset'))
  vi.advanceTimersByTime(100)
  expect(asked.slice(3)).toEqual([undefined])
})
