import createClient, { type Middleware } from 'openapi-fetch'
import { noteServerTime } from '@/shared/clock'
import { lookAtJournal } from '@/shared/journal'
import { Problem, asProblem, problemOf } from './problem'
import type { components, paths } from './schema.gen'

export type Schema = components['schemas']
export type Conversation = Schema['Conversation']
export type Message = Schema['Message']
export type Member = Schema['Member']
export type Binding = Schema['Binding']
export type Code = Schema['Code']
export type Me = Schema['Me']

/** A call without an answer for this long is given up, so that a screen on a dead network says so. */
const patience = 20_000
const uploadPatience = 180_000

const csrfCookie = 'liuke_csrf'

/** The token that proves that a page of ours asks; the session itself lies in a cookie that pages cannot read. */
export function csrfToken(): string {
  const found = document.cookie.split('; ').find((c) => c.startsWith(csrfCookie + '='))
  return found ? decodeURIComponent(found.slice(csrfCookie.length + 1)) : ''
}

const listeners = new Set<() => void>()

/** Tells when the server no longer knows the session. */
export function onSessionEnded(listener: () => void): void {
  listeners.add(listener)
}

export function sessionEnded(): void {
  listeners.forEach((tell) => tell())
}

let stillHis = (): boolean => true

/** Asks, before anything is changed, whether the session is still that of the page's reader. */
export function onlyWhile(check: () => boolean): void {
  stillHis = check
}

const ours: Middleware = {
  onRequest({ request }) {
    if (request.method === 'GET') return request
    if (!stillHis()) throw new Problem('not_signed_in', 401)
    request.headers.set('X-CSRF-Token', csrfToken())
    return request
  },
  async onResponse({ response }) {
    noteServerTime(response.headers.get('Date'))
    if (response.status === 503) void lookAtJournal()
    if (response.status === 401) {
      const body = (await response.clone().json().catch(() => null)) as { reason?: string } | null
      if (body?.reason === 'not_signed_in') sessionEnded()
    }
  },
}

export const api = createClient<paths>({
  fetch: (request) => {
    const wait = request.url.includes('/api/media') ? uploadPatience : patience
    const giveUp = new AbortController()
    const timer = setTimeout(() => giveUp.abort(new DOMException('no answer', 'TimeoutError')), wait)
    request.signal.addEventListener('abort', () => giveUp.abort(request.signal.reason))
    return fetch(request, { signal: giveUp.signal }).finally(() => clearTimeout(timer))
  },
})
api.use(ours)

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of a call that succeeded; otherwise a Problem is thrown. */
export async function ok<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await call
  } catch (error) {
    throw asProblem(error)
  }
  if (!answer.response.ok) throw problemOf(answer.response.status, answer.error)
  return answer.data as T
}

/** Uploads a file for a message and gives its id. */
export async function upload(kind: 'image' | 'voice' | 'video', file: Blob): Promise<string> {
  const form = new FormData()
  form.append('file', file)
  const done = await ok(
    api.POST('/api/media', { params: { query: { kind } }, body: form as never, bodySerializer: (body) => body as never }),
  )
  if (!done?.id) throw new Problem('bad_answer')
  return done.id
}
