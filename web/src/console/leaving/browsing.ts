import { useI18n } from 'vue-i18n'

/** Says in words how many files were opened beside the usual number. */
export function useBrowsingWords() {
  const { t } = useI18n()
  return (files: number, usual: number | null): string => (usual ? t('browsing.said', { n: files, usual }) : t('browsing.said_unknown', { n: files }))
}
