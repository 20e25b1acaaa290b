import { useI18n } from 'vue-i18n'
import { asProblem } from '@/api/problem'
import { useExplain } from '@/shared/explain'

/** Words of the console: errors in its own words first, and stable words of the API in the reader's language. */
export function useWords() {
  const { t, te } = useI18n()
  const shared = useExplain()

  function explain(error: unknown): string {
    const p = asProblem(error)
    const field = p.fields[0]
    if (field) {
      const name = field.field.replace(/\[\d+\]/g, '')
      for (const key of [`input.${name}.${field.reason}`, `input.any.${field.reason}`]) if (te(key)) return t(key)
    }
    const key = `refusal.${p.reason}`
    return te(key) ? t(key) : shared(error)
  }

  /** The word for a value of the API; a value that is newer than this page is shown as it is. */
  function word(group: string, value: string | null | undefined): string {
    if (!value) return t('table.none')
    const key = `${group}.${value.replace(/\./g, '_')}`
    return te(key) ? t(key) : value
  }

  return { explain, word }
}
