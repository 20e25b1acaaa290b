import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { Drafts, type DraftStore, type Kept } from './drafts'
import { mergeDraft } from './merge'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

/** One server, and as many phones as are asked for; it tells the others as the feed would. */
function world() {
  const rows = new Map<string, { text: string; version: number }>()
  const phones: Drafts[] = []
  const calls: string[] = []
  let number = 1_000
  function phone() {
    const files = new Map<string, Kept>()
    const store: DraftStore = {
      all: () => new Map(files),
      put: (_staff, id, kept) => void files.set(id, kept),
      remove: (_staff, id) => void files.delete(id),
    }
    const net = { on: true, merged: 0 }
    const call = (what: string) => {
      calls.push(what)
      if (!net.on) throw new Problem('offline')
    }
    const tell = () => phones.filter((p) => p !== drafts).forEach((p) => void p.heard('c'))
    const make = () =>
      new Drafts({
        store,
        now: () => Date.now(),
        onMerged: () => net.merged++,
        server: {
          read: async (id) => {
            call('read')
            return rows.get(id) ?? { text: '', version: 0 }
          },
          save: async (id, text, version) => {
            call('save ' + text)
            if ((rows.get(id)?.version ?? 0) !== version) throw new Problem('draft_changed', 409)
            rows.set(id, { text, version: ++number })
            tell()
            return { version: number }
          },
          drop: async (id, version) => {
            call('drop')
            const row = rows.get(id)
            if (row && row.version !== version) throw new Problem('draft_changed', 409)
            rows.delete(id)
            tell()
          },
        },
      })
    let drafts = make()
    phones.push(drafts)
    drafts.serve('me')
    return {
      net,
      files,
      get drafts() {
        return drafts
      },
      restart() {
        phones.splice(phones.indexOf(drafts), 1)
        drafts.serve('')
        drafts = make()
        phones.push(drafts)
        drafts.serve('me')
      },
    }
  }
  return { rows, calls, phone }
}

test.each([
  ['a', 'ab', 'a', 'ab'],
  ['a', 'a', 'ac', 'ac'],
  ['a', 'ab', 'abc', 'abc'],
  ['', '你好', '在的', '在的\n你好'],
  ['a', 'ab', '', 'ab'],
  ['a', '', 'ab', 'ab'],
  ['a', 'a', '', ''],
])('of %j, here %j and there %j, %j is made', (base, mine, theirs, made) => {
  expect(mergeDraft(base, mine, theirs)).toBe(made)
})

test('what is typed is on the device at once, on the server a moment after the last stroke, and on the other phone', async () => {
  const w = world()
  const [one, two] = [w.phone(), w.phone()]
  two.drafts.follow('c')
  await settle()
  for (const text of ['您', '您好', '您好，王']) one.drafts.write('c', text)
  expect(one.files.get('c')?.text).toBe('您好，王')
  await settle(800)
  expect(w.calls.filter((c) => c.startsWith('save'))).toEqual(['save 您好，王'])
  expect(two.drafts.text('c')).toBe('您好，王')
})

test('it outlives the page and the network, and goes up when the network returns', async () => {
  const w = world()
  const one = w.phone()
  one.net.on = false
  one.drafts.write('c', '没网时写的')
  await settle(5_000)
  one.restart()
  expect(one.drafts.text('c')).toBe('没网时写的')
  await settle(5_000)
  expect(w.rows.size).toBe(0)
  one.net.on = true
  await settle(20_000)
  expect(w.rows.get('c')?.text).toBe('没网时写的')
})

test('typed on two phones at once, both are kept, on both, and the person is told', async () => {
  const w = world()
  const [one, two] = [w.phone(), w.phone()]
  one.net.on = two.net.on = false
  one.drafts.write('c', '第一部')
  two.drafts.write('c', '第二部')
  await settle(1_000)
  one.net.on = true
  one.drafts.everything()
  await settle(1_000)
  two.net.on = true
  two.drafts.everything()
  await settle(2_000)
  expect(w.rows.get('c')?.text).toBe('第一部\n第二部')
  expect([one, two].map((p) => p.drafts.text('c'))).toEqual(['第一部\n第二部', '第一部\n第二部'])
  expect([one.net.merged, two.net.merged]).toEqual([0, 1])
})

test('sent on one phone, it is gone on the other, unless that one has typed on', async () => {
  const w = world()
  const [one, two] = [w.phone(), w.phone()]
  two.drafts.follow('c')
  one.drafts.write('c', '好的')
  await settle(1_000)
  one.drafts.write('c', '')
  await settle(1_000)
  expect([two.drafts.text('c'), w.rows.size]).toEqual(['', 0])

  one.drafts.write('c', '好的')
  await settle(1_000)
  two.net.on = false
  two.drafts.write('c', '好的，明天见')
  one.drafts.write('c', '')
  await settle(1_000)
  two.net.on = true
  two.drafts.everything()
  await settle(1_000)
  expect([one.drafts.text('c'), two.drafts.text('c')]).toEqual(['好的，明天见', '好的，明天见'])
})

test('what was sent without a network does not come back as a draft', async () => {
  const w = world()
  const one = w.phone()
  one.drafts.write('c', '好的')
  await settle(1_000)
  one.net.on = false
  one.drafts.write('c', '')
  await settle(1_000)
  one.restart()
  expect(one.drafts.text('c')).toBe('')
  one.net.on = true
  await settle(20_000)
  expect([w.rows.size, one.files.size]).toEqual([0, 0])
})

test('who signs out leaves on the phone only what the server does not have', async () => {
  const w = world()
  const one = w.phone()
  one.drafts.write('c', '在服务器上')
  await one.drafts.leave()
  expect([one.files.size, w.rows.get('c')?.text]).toEqual([0, '在服务器上'])
  one.net.on = false
  one.drafts.write('c', '在服务器上，还有')
  await one.drafts.leave()
  expect(one.files.get('c')?.text).toBe('在服务器上，还有')
})

test('what another page of the browser keeps is seen here', async () => {
  const w = world()
  const one = w.phone()
  one.drafts.seen('c', { text: '另一页', base: '另一页', version: 7, at: 1 })
  expect(one.drafts.text('c')).toBe('另一页')
})
