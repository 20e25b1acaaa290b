import type { QueryClient, QueryKey } from '@tanstack/vue-query'
import type { FeedEvent } from './parse'

/** What an event makes stale; null: everything. */
export function staleKeys(event: FeedEvent): QueryKey[] | null {
  const { conversation_id: conversation, member_id: member } = event.data
  switch (event.kind) {
    case 'message':
    case 'waiting':
    case 'conversation': {
      const keys: QueryKey[] = [['conversations']]
      if (conversation) keys.push(['conversation', conversation], ['messages', conversation])
      else keys.push(['conversation'])
      // A member who got a chat or another clerk is told of by his conversation.
      if (event.kind === 'conversation' && member) keys.push(['members'], ['member', member], ['bindings', member])
      return keys
    }
    case 'member': {
      const keys: QueryKey[] = [['members'], ['conversations']]
      if (member) keys.push(['member', member], ['bindings', member])
      if (conversation) keys.push(['conversation', conversation])
      return keys
    }
    case 'staff_link':
      return [['link']]
    case 'todo':
      return [['todos']]
    case 'binding_request':
      return [['binding_requests']]
    case 'draft':
      return [] // of one's own devices: the drafts see to it
    case 'substitute':
      return [['substitutes'], ['conversations'], ['members']]
    case 'campaign': {
      const campaign = event.data.campaign_id
      return [['campaigns'], ['my_campaigns'], campaign ? ['campaign', campaign] : ['campaign']]
    }
    case 'hand_in':
      return [['hand_in']]
    case 'leaving':
      return [['staff'], ['hand_in']]
    case 'browsing':
      return [['browsings'], ['opened_files']]
    default: // reset, scope, handover and what is newer than this page
      return null
  }
}

/** Gathers what comes in a moment, so that a burst of events costs one fetch. */
export class Invalidator {
  private keys = new Map<string, QueryKey>()
  private everything = false
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly queries: Pick<QueryClient, 'invalidateQueries'>,
    private readonly wait = 120,
  ) {}

  take(event: FeedEvent): void {
    const keys = staleKeys(event)
    if (keys === null) this.everything = true
    else for (const key of keys) this.keys.set(JSON.stringify(key), key)
    this.timer ??= setTimeout(() => this.flush(), this.wait)
  }

  private flush(): void {
    this.timer = undefined
    const keys = this.everything ? [undefined] : [...this.keys.values()]
    this.keys = new Map()
    this.everything = false
    for (const queryKey of keys) void this.queries.invalidateQueries(queryKey ? { queryKey } : {})
  }
}
