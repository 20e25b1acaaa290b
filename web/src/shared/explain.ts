import { useI18n } from 'vue-i18n'
import { asProblem } from '@/api/problem'

/** Turns an error into words for people: the reason's own, or the field's, or a general sentence. */
export function useExplain(): (error: unknown) => string {
  const { t, te } = useI18n()
  return (error) => {
    const p = asProblem(error)
    const field = p.fields[0]
    if (field) {
      const key = `field.${field.field}.${field.reason}`
      if (te(key)) return t(key)
    }
    if (p.retryAfter > 60) return t('reason.later_minutes', { n: Math.ceil(p.retryAfter / 60) })
    const key = `reason.${p.reason}`
    return te(key) ? t(key, { n: p.retryAfter }) : t('reason.other', { reason: p.reason })
  }
}
