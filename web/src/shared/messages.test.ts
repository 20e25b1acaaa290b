import { expect, test } from 'vitest'
import type { Message } from '@/api/client'
import { merge } from './messages'

const messages = (...ids: number[]) => ids.map((id) => ({ id: String(id) }) as Message)
const ids = (items: Message[]) => items.map((m) => m.id).join()

test('a fresh page is laid over what was read before', () => {
  const merged = merge({ items: messages(5, 4, 3, 2, 1), next: 'older' }, { items: messages(6, 5, 4), next: 'x' })
  expect([ids(merged.items), merged.next]).toEqual(['6,5,4,3,2,1', 'older'])
})

test('if the two do not meet, the old is let go, so that nothing is missing in between', () => {
  const merged = merge({ items: messages(3, 2, 1), next: 'older' }, { items: messages(9, 8, 7), next: 'x' })
  expect([ids(merged.items), merged.next]).toEqual(['9,8,7', 'x'])
})

test('a first page that is everything replaces everything', () => {
  const merged = merge({ items: messages(2, 1), next: 'older' }, { items: messages(2), next: null })
  expect([ids(merged.items), merged.next]).toEqual(['2', null])
})
