import { ref } from 'vue'
import { registerSW } from 'virtual:pwa-register'

/** A newer version lies ready; it is taken when the person says so, because that loads the page anew. */
export const newer = ref<(() => void) | null>(null)

/** Lets the phone keep the shell, so that the app opens without a network. */
export function setupInstall(): void {
  const update = registerSW({ onNeedRefresh: () => (newer.value = () => void update(true)) })
}
