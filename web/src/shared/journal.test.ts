import { expect, test, vi } from 'vitest'
import { journalNote, lookAtJournal, noteOf } from './journal'

test('it says what becomes of messages, and nothing when all is well', () => {
  expect(noteOf({ database: 'unavailable', journal: 'holding', journal_pushes: 3 })).toEqual({ state: 'away', pushes: 3 })
  expect(noteOf({ database: 'unavailable', journal: 'unavailable', journal_pushes: 0 })).toEqual({ state: 'refusing', pushes: 0 })
  expect(noteOf({ database: 'ok', journal: 'holding', journal_pushes: 3 })).toEqual({ state: 'back', pushes: 3 })
  expect(noteOf({ database: 'ok', journal: 'ok', journal_pushes: 0 })).toBeUndefined()
  expect(noteOf({ database: 'unavailable', journal: 'none' })).toBeUndefined()
  expect(noteOf('<html>')).toBeUndefined()
})

test('it asks until nothing is the matter any more, once at a time', async () => {
  vi.useFakeTimers()
  const answers = [
    { database: 'unavailable', journal: 'holding', journal_pushes: 3 },
    { database: 'ok', journal: 'holding', journal_pushes: 1 },
    { database: 'ok', journal: 'ok', journal_pushes: 0 },
  ]
  const asked = vi.fn(async () => ({ json: async () => answers.shift() }))
  vi.stubGlobal('fetch', asked)
  const done = lookAtJournal()
  void lookAtJournal()
  await vi.advanceTimersByTimeAsync(1)
  expect(journalNote.value).toEqual({ state: 'away', pushes: 3 })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(journalNote.value).toEqual({ state: 'back', pushes: 1 })
  await vi.advanceTimersByTimeAsync(5_000)
  await done
  expect(journalNote.value).toBeUndefined()
  expect(asked).toHaveBeenCalledTimes(3)
  vi.unstubAllGlobals()
  vi.useRealTimers()
})
