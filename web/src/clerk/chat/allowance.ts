import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Conversation } from '@/api/client'
import { useTime } from '@/shared/use-time'

/** What may still be sent to a member, in words (C4), and whether that is nothing. */
export function useAllowance(conversation: Ref<Conversation | undefined>, now: Ref<number>) {
  const { t } = useI18n()
  const time = useTime()
  const closed = computed(() => {
    const a = conversation.value?.allowance
    return !a || a.left <= 0 || !a.until || Date.parse(a.until) <= now.value
  })
  /** What is written now is kept until he writes again. To who has left, nothing is kept: WeChat would never take it. */
  const holds = computed(() => closed.value && Boolean(conversation.value?.subscribed))
  const words = computed(() => {
    const c = conversation.value
    if (!c) return ''
    if (!c.subscribed) return t('allowance.unfollowed')
    if (closed.value) return t('allowance.none')
    const until = c.allowance.until ?? ''
    const seconds = Math.ceil((Date.parse(until) - now.value) / 1_000)
    if (seconds <= 120) return t('allowance.seconds', { n: c.allowance.left, s: seconds })
    return t('allowance.left', { n: c.allowance.left, until: time.dayAndTime(until, now.value) })
  })
  return { words, closed, holds }
}
