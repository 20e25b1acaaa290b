import { asProblem } from '@/api/problem'
import type { OutboxItem, OutboxStore } from './item'

export interface OutboxOptions {
  store: OutboxStore
  /** Hands one item to the server; the same clientId twice is the same message there. */
  send: (item: OutboxItem, keep: (change: Partial<OutboxItem>) => Promise<void>) => Promise<void>
  onChange: (items: OutboxItem[]) => void
  /** Lets only one page of this browser send at a time. */
  alone?: (work: () => Promise<void>) => Promise<void>
  /** Tells the other pages of this browser. */
  tellOthers?: () => void
  random?: () => number
}

const firstWait = 1_000
const longestWait = 30_000

/**
 * Sends what was written, each conversation in its order, once the network allows it. An item stays until the server
 * has taken it; one that it refuses stays with the reason and holds nothing up.
 */
export class Outbox {
  private staffId = ''
  private working = false
  private again = false
  private tries = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly o: OutboxOptions) {}

  /** Takes up what a person left unsent; '' stops. */
  async serve(staffId: string): Promise<void> {
    this.staffId = staffId
    this.tries = 0
    clearTimeout(this.timer)
    await this.refresh()
    this.kick()
  }

  async add(item: Omit<OutboxItem, 'seq' | 'staffId'>): Promise<void> {
    await this.o.store.add({ ...item, staffId: this.staffId })
    await this.changed()
    this.kick()
  }

  async discard(item: OutboxItem): Promise<void> {
    await this.o.store.remove(item.seq)
    await this.changed()
  }

  /** Sends now: something was written, or the network came back. */
  kick(): void {
    clearTimeout(this.timer)
    if (!this.staffId) return
    if (this.working) {
      this.again = true
      return
    }
    void this.work()
  }

  /** Reads the items again: another page changed them. */
  async refresh(): Promise<void> {
    this.o.onChange(this.staffId ? await this.o.store.all(this.staffId) : [])
  }

  private async changed(): Promise<void> {
    await this.refresh()
    this.o.tellOthers?.()
  }

  private async work(): Promise<void> {
    this.working = true
    let held = false
    try {
      await (this.o.alone ?? ((w) => w()))(async () => {
        held = await this.sendAll(this.staffId)
      })
    } finally {
      this.working = false
    }
    if (this.again) {
      this.again = false
      this.kick()
    } else if (held && this.staffId) {
      const wait = Math.min(longestWait, firstWait * 2 ** this.tries++)
      this.timer = setTimeout(() => this.kick(), wait * (0.5 + (this.o.random ?? Math.random)() / 2))
    }
  }

  /** Reports whether something has to wait for a better moment. */
  private async sendAll(staffId: string): Promise<boolean> {
    const lines = new Map<string, OutboxItem[]>()
    for (const item of await this.o.store.all(staffId)) {
      if (item.refused) continue
      const line = lines.get(item.conversationId)
      if (line) line.push(item)
      else lines.set(item.conversationId, [item])
    }
    const held = await Promise.all([...lines.values()].map((line) => this.sendLine(line, staffId)))
    return held.includes(true)
  }

  private async sendLine(line: OutboxItem[], staffId: string): Promise<boolean> {
    for (const item of line) {
      if (this.staffId !== staffId) return false // somebody else signed in
      try {
        await this.o.send(item, async (change) => {
          Object.assign(item, change)
          await this.o.store.put(item)
        })
        this.tries = 0
        await this.o.store.remove(item.seq)
      } catch (error) {
        const problem = asProblem(error)
        if (problem.passing || problem.status === 401) return true
        await this.o.store.put({ ...item, refused: problem.fields[0]?.reason ?? problem.reason })
      }
      await this.changed()
    }
    return false
  }
}
