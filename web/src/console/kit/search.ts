import { onScopeDispose, ref, watch, type Ref } from 'vue'

/** What is typed, a moment after the typing stopped, so that not every letter asks the server. */
export function useSettled(typed: Ref<string>, wait = 300): Ref<string> {
  const settled = ref(typed.value.trim())
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(typed, (text) => {
    clearTimeout(timer)
    timer = setTimeout(() => (settled.value = text.trim()), wait)
  })
  onScopeDispose(() => clearTimeout(timer))
  return settled
}
