import { ref } from 'vue'

/** What becomes of members' messages while the server's database is away; told by the one server that answers. */
export interface JournalNote {
  state: 'away' | 'back' | 'refusing'
  pushes: number
}

export const journalNote = ref<JournalNote>()

const every = 5_000
let asking = false

/** Turns the body of /readyz into what people should know; nothing when all is well or there is no journal. */
export function noteOf(body: unknown): JournalNote | undefined {
  const ready = (typeof body === 'object' && body !== null ? body : {}) as { database?: string; journal?: string; journal_pushes?: number }
  const pushes = ready.journal_pushes ?? 0
  if (!ready.journal || ready.journal === 'none') return undefined
  if (ready.database !== 'ok') return { state: ready.journal === 'unavailable' ? 'refusing' : 'away', pushes }
  return pushes > 0 ? { state: 'back', pushes } : undefined
}

/** Asks what is the matter, again and again until nothing is. To be called when a call was answered 503. */
export async function lookAtJournal(): Promise<void> {
  if (asking) return
  asking = true
  do {
    try {
      journalNote.value = noteOf(await (await fetch('/readyz', { cache: 'no-store' })).json())
    } catch {
      journalNote.value = undefined // nobody answers: that is said elsewhere
    }
    if (journalNote.value) await new Promise((on) => setTimeout(on, every))
  } while (journalNote.value)
  asking = false
}
