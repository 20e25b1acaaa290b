import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, ok } from '@/api/client'
import { useDirectory } from '../kit/directory'
import { useWords } from '../kit/words'
import { read, type Field, type Filter, type Part } from './filter'
import { sentence, type Words } from './sentence'

/** The fields that the server knows, their words, and what a filter says in them. */
export function useFilterWords() {
  const { t, te } = useI18n()
  const { word } = useWords()
  const dir = useDirectory()
  const query = useQuery({ queryKey: ['segment-fields'], queryFn: () => ok(api.GET('/api/segments/fields')), staleTime: Infinity })
  const fields = computed<Field[]>(() => query.data.value?.items ?? [])
  const byName = computed(() => new Map(fields.value.map((f) => [f.name, f])))
  const kinds = computed(() => new Map(fields.value.map((f) => [f.name, f.kind])))

  /** The name of a value of a choice. */
  function value(field: string, v: string): string {
    if (v === 'unset') return te('segment_unset.' + field) ? t('segment_unset.' + field) : t('segment_unset.any')
    if (field === 'store') return dir.storeName(v) || t('segments.gone_store')
    if (field === 'clerk') return dir.staffName(v) || t('members.former')
    if (field === 'level') return word('level', v)
    return byName.value.get(field)?.values.length ? word('segment_value.' + field, v) : v
  }

  const words: Words = { t: (key, named) => t(key, named ?? {}), te, field: (name) => word('segment_field', name), value }
  const say = (part: Part) => sentence(part, kinds.value, words)
  /** What a kept filter says; empty while the fields are not known. */
  const sayKept = (filter: unknown) => (kinds.value.size && filter ? say(read(filter as Filter, kinds.value)) : '')
  return { query, fields, byName, kinds, words, value, say, sayKept }
}
