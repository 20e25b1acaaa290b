import { computed, ref, watch, type ComputedRef } from 'vue'
import { forget, keep, kept } from '@/shared/kept'

export interface KeptForm<T extends { version: number }> {
  /** Under what name what is typed is kept on this device. */
  place: string
  /** Whether all is known that the form begins from. */
  ready: () => boolean
  /** What the form holds before anything is typed. */
  saved: () => T
  /** What it holds now; null before it has begun. */
  typed: ComputedRef<T | null>
  /** Two that read the same are no change. */
  essence: (of: T) => string
  /** Fills the form. */
  begin: (from: T) => void
  /** Asks the server anew, and tells the version that is there. */
  refetch: () => Promise<number | undefined>
  /** After what was typed has been put away. */
  discarded?: () => void
}

/** A form whose content outlives its page until it is saved, and that tells of what somebody else saved meanwhile. */
export function useKeptForm<T extends { version: number }>(o: KeptForm<T>) {
  const begun = ref(false)
  const found = ref(false) // something typed earlier stands in the form
  const clash = ref(false)
  const changed = computed(() => o.typed.value !== null && o.essence(o.typed.value) !== o.essence(o.saved()))

  // The form begins once all is known; after that it is the reader's.
  watch(
    o.ready,
    (ready) => {
      if (!ready || begun.value) return
      const earlier = kept<T>(o.place)
      found.value = !!earlier
      o.begin(earlier ?? o.saved())
      begun.value = true
    },
    { immediate: true },
  )
  watch(
    o.typed,
    (now) => {
      if (!begun.value || !now) return
      if (changed.value) keep(o.place, now)
      else forget(o.place)
    },
    { deep: true },
  )

  function discard(): void {
    o.begin(o.saved())
    forget(o.place)
    found.value = clash.value = false
    o.discarded?.()
  }

  async function theirs(): Promise<void> {
    await o.refetch()
    discard()
  }

  /** Saves over what somebody else has changed meanwhile. */
  async function over(save: (version: number) => Promise<void>): Promise<void> {
    const version = await o.refetch()
    if (version === undefined) return
    clash.value = false
    await save(version)
  }

  return { begun, found, clash, changed, discard, theirs, over, saved: () => forget(o.place) }
}
