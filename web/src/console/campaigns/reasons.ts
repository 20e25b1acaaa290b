import { useI18n } from 'vue-i18n'
import { useWords } from '../kit/words'

/** Why somebody gets a campaign by a channel, or not at all: the campaign's own words first, then those of any message. */
export function useReason() {
  const { te } = useI18n()
  const { word } = useWords()
  return (reason: string | null | undefined): string => (reason && !te('campaign_reason.' + reason) ? word('message_reason', reason) : word('campaign_reason', reason))
}
