import { ref, watch, type Ref } from 'vue'
import { sessionEnded } from '@/api/client'
import { queries } from '@/shared/query'
import { useSession } from '@/shared/session'
import { FeedClient, type FeedState } from './client'
import { Invalidator } from './invalidate'

export const feedState: Ref<FeedState> = ref('off')

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
        onEvent: (event) => stale.take(event),
        onState: (state) => (feedState.value = state),
        onSignedOut: sessionEnded,
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
