import { expect, test } from 'vitest'
import { EventReader, type FeedEvent } from './parse'

function read(...pieces: string[]): { events: FeedEvent[]; ids: string[] } {
  const events: FeedEvent[] = []
  const ids: string[] = []
  const reader = new EventReader((e) => events.push(e), (id) => ids.push(id))
  pieces.forEach((p) => reader.push(p))
  return { events, ids }
}

test('an event cut into pieces is one event', () => {
  const { events, ids } = read('id: 4', '1\neve', 'nt: message\ndata: {"conversation_id"', ':"c1"}\n', '\n')
  expect(events).toEqual([{ id: '41', kind: 'message', data: { conversation_id: 'c1' } }])
  expect(ids).toEqual(['41'])
})

test('an id without an event is the place to resume from', () => {
  const { events, ids } = read('retry: 1000\nid: 7\n\n')
  expect(events).toEqual([])
  expect(ids).toEqual(['7'])
})

test('heartbeats and comments are no events, and say nothing of the place', () => {
  expect(read(': alive\n\n: alive\n\n')).toEqual({ events: [], ids: [] })
})

test('lines may end as on Windows, also where a piece ends between the two characters', () => {
  const { events } = read('event: reset\r', '\ndata: {}\r\n\r\n')
  expect(events).toEqual([{ id: '', kind: 'reset', data: {} }])
})

test('data that cannot be read still tells that something changed', () => {
  expect(read('event: todo\ndata: {broken\n\n').events).toEqual([{ id: '', kind: 'todo', data: {} }])
})
