/** What went wrong with a call: the server's problem document (RFC 9457), or that there was no answer. */
export class Problem extends Error {
  constructor(
    readonly reason: string,
    readonly status = 0,
    readonly fields: { field: string; reason: string }[] = [],
    readonly extra: Record<string, unknown> = {},
  ) {
    super(reason)
  }

  /** Seconds after which to try again, where the server says so. */
  get retryAfter(): number {
    return typeof this.extra.retry_after === 'number' ? this.extra.retry_after : 0
  }

  /** The same call may do better later: nobody answered, or the server was not able to. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429 || this.status === 408
  }
}

interface Document {
  reason?: unknown
  errors?: { field: string; reason: string }[]
}

/** Reads the body of a refusal, which may also come from something in front of the server. */
export function problemOf(status: number, body: unknown): Problem {
  const doc = (typeof body === 'object' && body !== null ? body : {}) as Document & Record<string, unknown>
  const reason = typeof doc.reason === 'string' ? doc.reason : status >= 500 ? 'internal' : 'refused'
  return new Problem(reason, status, doc.errors ?? [], doc)
}

/** Any error as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError') return new Problem('timeout')
  if (name === 'AbortError') return new Problem('aborted')
  return new Problem(navigator.onLine ? 'network' : 'offline')
}
