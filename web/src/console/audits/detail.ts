import { useI18n } from 'vue-i18n'
import { useDirectory } from '../kit/directory'

const id = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

/** A record's detail in the reader's words: its stable words are translated, ids of people become names, others are left out. */
export function useDetail(): (detail: string) => string {
  const { t, te } = useI18n()
  const dir = useDirectory()

  function one(part: string): string {
    const [first = '', rest] = part.split(':')
    if (rest !== undefined) {
      const value = id.test(rest) ? dir.staffName(rest) || t('members.former') : te('audit_detail.' + rest) ? t('audit_detail.' + rest) : rest
      return te('audit_pair.' + first) ? t('audit_pair.' + first, { value }) : value
    }
    if (id.test(part)) return dir.staffName(part)
    return te('audit_detail.' + part) ? t('audit_detail.' + part) : part
  }

  return (detail) => detail.split(',').map((part) => one(part.trim())).filter(Boolean).join(t('members.and'))
}
