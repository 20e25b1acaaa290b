import { Locale } from 'vant'
import { watch } from 'vue'
import { i18n } from '@/shared/i18n'

/** Lets Vant's own words (buttons of a dialog, pulling to refresh) follow the language of the app. */
function followLanguage(): void {
  const names = { en: 'en-US', 'zh-CN': 'zh-CN' } as Record<string, string>
  watch(
    i18n.global.locale,
    async (locale) => {
      const words = locale === 'en' ? (await import('vant/es/locale/lang/en-US')).default : undefined
      if (i18n.global.locale.value !== locale) return // changed again meanwhile
      if (words) Locale.add({ 'en-US': words })
      Locale.use(names[locale] ?? 'zh-CN')
    },
    { immediate: true },
  )
}

/** Vant names a dialog by an id that stands nowhere, and calls a passing word a dialog: screen readers get both right here. */
export function nameDialogs(body: HTMLElement): void {
  const named = (box: Element) => {
    const title = box.getAttribute('aria-labelledby')
    if (!title) return
    box.setAttribute('aria-label', title)
    box.removeAttribute('aria-labelledby')
  }
  const renamed = new MutationObserver((changes) => changes.forEach((c) => named(c.target as Element)))
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((c) => [...c.addedNodes])) {
      if (!(node instanceof HTMLElement)) continue
      if (node.classList.contains('van-toast')) node.setAttribute('role', 'status')
      if (!node.classList.contains('van-dialog')) continue
      named(node)
      renamed.observe(node, { attributeFilter: ['aria-labelledby'] }) // the same box serves the next question
    }
  }).observe(body, { childList: true })
}

export function setupVant(): void {
  followLanguage()
  nameDialogs(document.body)
}
