import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ok, type Schema } from '@/api/client'

export type Todo = Schema['Todo']
export type Group = 'overdue' | 'today' | 'later' | 'open' | 'done'

/** Of one handover all that is open stands in one list, whenever it is due: nobody whom one has received is hidden. */
export const groupsOf = (handover: string): Group[] => (handover ? ['open', 'done'] : ['overdue', 'today', 'later', 'done'])

function asked(group: Group) {
  if (group === 'done') return { state: 'done' as const }
  return group === 'open' ? {} : { due: group }
}

/** One's own to-dos of a group, of one handover if it is named. */
export function useTodos(group: Ref<Group>, handover: Ref<string>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => ['todos', group.value, handover.value]),
    queryFn: ({ pageParam }) =>
      ok(
        api.GET('/api/todos', {
          params: {
            query: {
              limit: 50,
              ...asked(group.value),
              ...(handover.value ? { handover_id: handover.value } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last: Schema['ListTodo']) => last.next,
  })
  return { query, items: computed(() => query.data.value?.pages.flatMap((p) => p.items) ?? []) }
}

export function useTodoCounts() {
  return useQuery({ queryKey: ['todos', 'counts'], queryFn: () => ok(api.GET('/api/todos/counts')) })
}

const receivedKey = ['todos', 'received']

/** Handovers by which one got members, as long as one has not put the news away. */
export function useReceived() {
  return useQuery({ queryKey: receivedKey, queryFn: () => ok(api.GET('/api/received_handovers', { params: { query: { limit: 10 } } })) })
}

export function useTodosChanged() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['todos'] })
}

export function useReceivedChanged() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: receivedKey })
}
