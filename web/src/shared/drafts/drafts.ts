import { reactive } from 'vue'
import { asProblem } from '@/api/problem'
import { mergeDraft } from './merge'

/** A draft as this device has it. text differs from base as long as the server does not have it. */
export interface Kept {
  text: string
  /** What the server had when it was last asked, and the number it gave to that; 0: none. */
  base: string
  version: number
  /** When it was typed, in Unix milliseconds. */
  at: number
}

/** Where drafts are kept on the device. */
export interface DraftStore {
  all(staffId: string): Map<string, Kept>
  put(staffId: string, conversationId: string, kept: Kept): void
  remove(staffId: string, conversationId: string): void
}

export interface DraftServer {
  read(conversationId: string): Promise<{ text: string; version: number }>
  /** Refuses with draft_changed where another device has written since that version. */
  save(conversationId: string, text: string, version: number): Promise<{ version: number }>
  drop(conversationId: string, version: number): Promise<void>
}

export interface DraftOptions {
  store: DraftStore
  server: DraftServer
  now: () => number
  /** What was typed on another device was put together with what was typed here. */
  onMerged: (conversationId: string) => void
}

/** After the last stroke, before the server is told. */
const pause = 800
/** After a failure that may pass. */
const patience = 10_000
/** A draft of a conversation that is out of sight is forgotten after this long. */
const life = 30 * 24 * 3_600_000

/**
 * What was typed and not sent. It is kept on the device at every stroke, on the server a moment later, and from there on
 * the person's other devices. The server takes it only from who has seen what it has, so nothing typed is lost.
 */
export class Drafts {
  private readonly known = reactive(new Map<string, Kept>())
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()
  private readonly lines = new Map<string, Promise<void>>()
  private readonly open = new Set<string>()
  private staffId = ''

  constructor(private readonly o: DraftOptions) {}

  /** Takes up what a person left on this device; '' lets go of it. */
  serve(staffId: string): void {
    this.timers.forEach(clearTimeout)
    this.timers.clear()
    this.known.clear()
    this.staffId = staffId
    if (!staffId) return
    for (const [id, kept] of this.o.store.all(staffId)) {
      if (this.o.now() - kept.at > life) this.o.store.remove(staffId, id)
      else this.known.set(id, kept)
    }
    this.everything()
  }

  /** What is typed; undefined where this device knows nothing. */
  text(conversationId: string): string | undefined {
    return this.known.get(conversationId)?.text
  }

  write(conversationId: string, text: string): void {
    this.keep(conversationId, { ...this.of(conversationId), text, at: this.o.now() })
    this.later(conversationId, pause)
  }

  /** Somebody looks at it: it is read from the server, and followed until the returned function is called. */
  follow(conversationId: string): () => void {
    this.open.add(conversationId)
    void this.pull(conversationId)
    return () => {
      this.open.delete(conversationId)
      void this.save(conversationId)
    }
  }

  /** Another device has written or dropped it. */
  async heard(conversationId: string): Promise<void> {
    if (this.known.has(conversationId) || this.open.has(conversationId)) await this.pull(conversationId)
  }

  /** Another page of this browser has kept it. */
  seen(conversationId: string, kept: Kept): void {
    this.known.set(conversationId, kept)
  }

  /** Brings everything up to date: the network came back, or the app was opened. */
  everything(): void {
    for (const [id, kept] of this.known) void (kept.text === kept.base ? this.pull(id) : this.save(id))
  }

  /** Saves what is not saved, and forgets on this device what the server has: its owner signs out. */
  async leave(): Promise<void> {
    await Promise.all([...this.known.keys()].map((id) => this.save(id)))
    for (const [id, kept] of this.known) if (kept.text === kept.base) this.o.store.remove(this.staffId, id)
  }

  /** Saves now what is not saved yet. */
  save(conversationId: string): Promise<void> {
    return this.inLine(conversationId, () => this.push(conversationId))
  }

  private pull(conversationId: string): Promise<void> {
    return this.inLine(conversationId, async () => {
      await this.take(conversationId)
      await this.push(conversationId)
    })
  }

  /** One call at a time for each conversation. */
  private inLine(conversationId: string, work: () => Promise<void>): Promise<void> {
    clearTimeout(this.timers.get(conversationId))
    const who = this.staffId
    const next = (this.lines.get(conversationId) ?? Promise.resolve()).then(async () => {
      if (!who || this.staffId !== who) return
      try {
        await work()
      } catch (error) {
        const problem = asProblem(error)
        // Signed out, handed over, too long: it stays here until something changes.
        if (problem.passing && this.staffId === who) this.later(conversationId, patience)
      }
    })
    this.lines.set(conversationId, next)
    return next
  }

  private async push(conversationId: string): Promise<void> {
    for (let tries = 0; tries < 3; tries++) {
      const { text, base, version } = this.of(conversationId)
      if (text === base) return
      try {
        let now = 0
        if (text) now = (await this.o.server.save(conversationId, text, version)).version
        else if (version > 0) await this.o.server.drop(conversationId, version)
        this.keep(conversationId, { ...this.of(conversationId), base: text, version: now })
      } catch (error) {
        if (asProblem(error).reason !== 'draft_changed') throw error
        await this.take(conversationId)
      }
    }
    if (this.of(conversationId).text !== this.of(conversationId).base) this.later(conversationId, pause)
  }

  /** Reads the server's and puts it together with what is here. */
  private async take(conversationId: string): Promise<void> {
    const theirs = await this.o.server.read(conversationId)
    const mine = this.of(conversationId)
    const text = mergeDraft(mine.base, mine.text, theirs.text)
    this.keep(conversationId, { text, base: theirs.text, version: theirs.version, at: this.o.now() })
    if (text !== mine.text && text !== theirs.text) this.o.onMerged(conversationId)
  }

  private of(conversationId: string): Kept {
    return this.known.get(conversationId) ?? { text: '', base: '', version: 0, at: 0 }
  }

  private keep(conversationId: string, kept: Kept): void {
    this.known.set(conversationId, kept)
    if (kept.text || kept.base) this.o.store.put(this.staffId, conversationId, kept)
    else this.o.store.remove(this.staffId, conversationId)
  }

  private later(conversationId: string, wait: number): void {
    clearTimeout(this.timers.get(conversationId))
    this.timers.set(
      conversationId,
      setTimeout(() => void this.save(conversationId), wait),
    )
  }
}
