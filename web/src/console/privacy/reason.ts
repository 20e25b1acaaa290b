/** How a member told his wish. */
export const ways = ['store', 'phone', 'wechat', 'letter'] as const
export type Way = (typeof ways)[number]

/** Why his data is erased by people; the program has a reason of its own. */
export const causes = ['wish', 'no_purpose', 'unlawful'] as const
export type Cause = (typeof causes)[number]

/** Why all his data is given out. */
export const exportCauses = ['wish', 'authority'] as const
export type ExportCause = (typeof exportCauses)[number]

/** The tone of an erasure's state. */
export function tone(state: string): 'success' | 'warning' | 'info' {
  if (state === 'done') return 'success'
  return state === 'cancelled' ? 'info' : 'warning'
}
