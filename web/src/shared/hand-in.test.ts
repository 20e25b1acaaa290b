import { expect, test } from 'vitest'
import { factsOf, lastDay, signatureOf, type HandIn } from './hand-in'

const facts = { members: 0, incomplete_files: 3, open_todos: 0, pending_replies: 2, drafts: 0, waiting: 0 }

test('facts stand beside their items, those of nought left out but for the members', () => {
  expect(factsOf('files', facts)).toEqual([{ fact: 'members', n: 0 }, { fact: 'incomplete_files', n: 3 }])
  expect(factsOf('promises', facts)).toEqual([{ fact: 'pending_replies', n: 2 }])
  expect(factsOf('complaints', facts)).toEqual([])
  expect(factsOf('gifts', facts)).toEqual([])
  expect(factsOf('newer than this page', facts)).toEqual([])
})

test('a signature that holds goes before those that were voided', () => {
  const one = (side: string, signed_at: string, voided_at: string | null) => ({ side, signed_at, voided_at })
  const h = { signatures: [one('manager', '3', '4'), one('leaver', '2', null), one('leaver', '1', '2')] } as unknown as HandIn
  expect(signatureOf(h, 'leaver')?.signed_at).toBe('2')
  expect(signatureOf(h, 'manager')?.voided_at).toBe('4')
  expect(signatureOf({ signatures: [] } as unknown as HandIn, 'leaver')).toBeUndefined()
})

test('the last day is the one that ends then', () => {
  expect(lastDay('2026-11-30T16:00:00.000Z')).toBe('2026-11-30T15:59:59.999Z')
})
