import { EventReader, type FeedEvent } from './parse'

export type FeedState = 'off' | 'connecting' | 'live' | 'cut'

export interface FeedOptions {
  url: string
  onEvent: (event: FeedEvent) => void
  onState: (state: FeedState) => void
  /** The server does not know the session any more. */
  onSignedOut: () => void
  /** The server is there and cannot serve, such as while its database is away. */
  onUnavailable: () => void
  /** Keeps the place to resume from over reloads. */
  place: { get: () => string | null; set: (id: string) => void }
  fetch?: typeof fetch
  random?: () => number
}

/** The server writes at least every 20 s; silence for longer means that the line is dead. */
const silence = 45_000
const firstWait = 1_000
const longestWait = 30_000

/** Reads the live feed, and comes back after every cut where it was. */
export class FeedClient {
  private running = false
  private tries = 0
  private abort: AbortController | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly o: FeedOptions) {}

  start(): void {
    if (this.running) return
    this.running = true
    this.tries = 0
    void this.connect()
  }

  stop(): void {
    this.running = false
    clearTimeout(this.timer)
    this.abort?.abort()
    this.o.onState('off')
  }

  /** Tries at once: the network or the screen came back. */
  hurry(): void {
    if (!this.running || this.abort) return
    clearTimeout(this.timer)
    this.tries = 0
    void this.connect()
  }

  private async connect(): Promise<void> {
    const abort = new AbortController()
    this.abort = abort
    if (this.tries === 0) this.o.onState('connecting')
    try {
      const last = this.o.place.get()
      const answer = await (this.o.fetch ?? fetch)(this.o.url, {
        headers: { Accept: 'text/event-stream', ...(last ? { 'Last-Event-ID': last } : {}) },
        cache: 'no-store',
        signal: abort.signal,
      })
      if (answer.status === 401) {
        this.running = false
        this.o.onState('off')
        this.o.onSignedOut()
        return
      }
      if (answer.status === 503) this.o.onUnavailable()
      if (!answer.ok || !answer.body) throw new Error('no feed')
      await this.read(answer.body, abort)
    } catch {
      // Cut or refused: the next try tells.
    } finally {
      this.abort = null
      if (this.running) this.again()
    }
  }

  private async read(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
    const reader = body.getReader()
    const decoder = new TextDecoder()
    const events = new EventReader(this.o.onEvent, this.o.place.set)
    let dead: ReturnType<typeof setTimeout> | undefined
    try {
      for (;;) {
        clearTimeout(dead)
        dead = setTimeout(() => abort.abort(), silence)
        const { done, value } = await reader.read()
        if (done) return
        if (this.tries !== 0 || value.length > 0) {
          this.tries = 0
          this.o.onState('live')
        }
        events.push(decoder.decode(value, { stream: true }))
      }
    } finally {
      clearTimeout(dead)
    }
  }

  private again(): void {
    this.o.onState('cut')
    const wait = Math.min(longestWait, firstWait * 2 ** this.tries)
    this.tries++
    const spread = 0.5 + (this.o.random ?? Math.random)() / 2
    this.timer = setTimeout(() => void this.connect(), wait * spread)
  }
}
