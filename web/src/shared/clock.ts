import { onScopeDispose, ref, type Ref } from 'vue'

/** Phones go wrong by minutes; waiting times would too. */
const tolerance = 2_000
let skew = 0

/** Takes the server's time from the Date header of an answer. */
export function noteServerTime(date: string | null): void {
  const at = date ? Date.parse(date) : NaN
  if (Number.isNaN(at)) return
  const off = at - Date.now()
  skew = Math.abs(off) > tolerance ? off : 0
}

/** Now by the server's clock, in milliseconds. */
export function serverNow(): number {
  return Date.now() + skew
}

/** Now, ticking, for screens that show how long something lasts. */
export function useNow(every = 10_000): Ref<number> {
  const now = ref(serverNow())
  const tick = () => (now.value = serverNow())
  const timer = setInterval(tick, every)
  document.addEventListener('visibilitychange', tick)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', tick)
  })
  return now
}
