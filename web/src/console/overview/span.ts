import { useI18n } from 'vue-i18n'

/** A length of time in words: seconds below a minute, then minutes, then hours; a dash for none. */
export function useSpan(): (seconds: number | null | undefined) => string {
  const { t } = useI18n()
  return (seconds) => {
    if (seconds === null || seconds === undefined) return t('table.none')
    if (seconds < 60) return t('span.seconds', { n: Math.round(seconds) })
    if (seconds < 3600) return t('span.minutes', { n: Math.round(seconds / 60) })
    return t('span.hours', { n: Math.round(seconds / 360) / 10 })
  }
}
