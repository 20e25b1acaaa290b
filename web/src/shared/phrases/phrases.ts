import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ok, type Schema } from '@/api/client'

export type Phrase = Schema['Phrase']

/** Nobody looks through more. */
const most = 1_000

async function everyPhrase(): Promise<Phrase[]> {
  const all: Phrase[] = []
  let cursor = ''
  do {
    const page = await ok(api.GET('/api/phrases', { params: { query: { limit: 100, ...(cursor ? { cursor } : {}) } } }))
    all.push(...page.items)
    cursor = page.next ?? ''
  } while (cursor && all.length < most)
  return all
}

/** The phrases that the reader finds: the account's, his store's, his own. */
export function usePhrases() {
  const query = useQuery({ queryKey: ['phrases'], queryFn: everyPhrase })
  const items = computed(() => query.data.value ?? [])
  const situations = computed(() => [...new Set(items.value.map((p) => p.situation).filter(Boolean))])
  return { query, items, situations }
}

/** Those of a situation that hold what is sought; one's own first. */
export function choose(items: readonly Phrase[], situation: string, sought: string): Phrase[] {
  const words = sought.trim().toLowerCase()
  const fit = items.filter((p) => (!situation || p.situation === situation) && (!words || `${p.title}\n${p.text}\n${p.situation}`.toLowerCase().includes(words)))
  return [...fit.filter((p) => p.scope === 'own'), ...fit.filter((p) => p.scope !== 'own')]
}

export function useChosen(items: Ref<Phrase[]>, situation: Ref<string>, sought: Ref<string>) {
  return computed(() => choose(items.value, situation.value, sought.value))
}
