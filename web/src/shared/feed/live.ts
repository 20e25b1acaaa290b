import { ref, watch, type Ref } from 'vue'
import { sessionEnded } from '@/api/client'
import { lookAtJournal } from '@/shared/journal'
import { queries } from '@/shared/query'
import { useSession } from '@/shared/session'
import { FeedClient, type FeedState } from './client'
import { Invalidator } from './invalidate'
import type { FeedEvent } from './parse'

export const feedState: Ref<FeedState> = ref('off')

const listeners = new Set<(event: FeedEvent) => void>()

/** Tells of every event, for what is more than a list to fetch again. */
export function onFeedEvent(listener: (event: FeedEvent) => void): void {
  listeners.add(listener)
}

/** Keeps the feed open while somebody is signed in. Events only say what to fetch again. */
export function setupFeed(): void {
  const session = useSession()
  const stale = new Invalidator(queries)
  let client: FeedClient | null = null
  watch(
    () => (session.state === 'in' ? session.staffId : ''),
    (who) => {
      client?.stop()
      client = null
      if (!who) return
      const key = 'liuke.feed.' + who
      client = new FeedClient({
        url: '/api/feed',
        onEvent: (event) => {
          stale.take(event)
          listeners.forEach((tell) => tell(event))
          if (event.kind === 'leaving') void session.load() // who gave notice has other rights from now on
        },
        onState: (state) => (feedState.value = state),
        onSignedOut: sessionEnded,
        onUnavailable: () => void lookAtJournal(),
        place: { get: () => sessionStorage.getItem(key), set: (id) => sessionStorage.setItem(key, id) },
      })
      client.start()
    },
    { immediate: true },
  )
  const hurry = () => client?.hurry()
  window.addEventListener('online', hurry)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && hurry())
}
