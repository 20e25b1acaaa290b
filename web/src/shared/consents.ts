import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ok, type Schema } from '@/api/client'

export type Purpose = Schema['Consent']['purpose']

/** What a member allows, per purpose, and a way to write down what he said. */
export function useConsents(id: Ref<string>) {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: computed(() => ['member', id.value, 'consents']),
    queryFn: () => ok(api.GET('/api/members/{id}/consents', { params: { path: { id: id.value } } })),
  })

  async function tell(purpose: Purpose, state: 'given' | 'withdrawn', text: string): Promise<void> {
    await ok(api.POST('/api/members/{id}/consents', { params: { path: { id: id.value } }, body: { purpose, state, text: text.trim() } }))
    void client.invalidateQueries({ queryKey: ['member', id.value] })
  }

  return { query, items: computed(() => query.data.value?.items ?? []), tell }
}
