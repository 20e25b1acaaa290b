import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Problem } from '@/api/problem'

/** What the server said is wrong with a form, in words at its fields. */
export function useFaults() {
  const { t, te } = useI18n()
  const faults = ref<ReadonlyMap<string, string>>(new Map())

  function wordOf(field: string, reason: string): string {
    const name = field.replace(/\[\d+\]/g, '')
    if (/^filter/.test(name) && te('segment_reason.' + reason)) return t('segment_reason.' + reason)
    const keys = [`input.${name}.${reason}`, `campaign_input.${name.split('.').pop()}_${reason}`, `campaign_input.${reason}`, `input.any.${reason}`]
    const key = keys.find((k) => te(k))
    return key ? t(key) : t('campaign_input.wrong', { reason })
  }

  /** Takes a problem that is about fields; false: it is about something else. */
  function take(problem: Problem): boolean {
    if (!problem.fields.length) return false
    faults.value = new Map(problem.fields.map((f) => [/^filter/.test(f.field) ? 'filter' : f.field, wordOf(f.field, f.reason)]))
    faults.value = new Map([...faults.value, ['', [...faults.value.values()].join(' ')]])
    return true
  }

  return { faults, take, at: (field: string) => faults.value.get(field) ?? '' }
}
