import { createI18n } from 'vue-i18n'
import common from '@/locales/zh-CN/common.json'

export const locales = ['zh-CN', 'en'] as const
export type Locale = (typeof locales)[number]

const kept = 'liuke.locale'

type Words = { [key: string]: string | Words }

/** The texts of one app in each language; Chinese comes with the app, the other when it is chosen. */
export interface Texts {
  chinese: Words
  english: () => Promise<Words>
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN' as string,
  fallbackLocale: 'zh-CN',
  missingWarn: false,
  fallbackWarn: false,
  messages: { 'zh-CN': common as Words } as Record<string, Words>,
})

let english: () => Promise<Words> = async () => ({})

/** Puts an app's texts in and takes the language that was chosen on this device. */
export async function setupTexts(texts: Texts): Promise<void> {
  i18n.global.mergeLocaleMessage('zh-CN', texts.chinese)
  english = texts.english
  const chosen = localStorage.getItem(kept)
  // Without a network the other language may not come: the app opens all the same.
  await use(chosen === 'en' ? 'en' : 'zh-CN').catch(() => use('zh-CN'))
}

async function use(locale: Locale): Promise<void> {
  if (locale === 'en' && !i18n.global.availableLocales.includes('en')) {
    const [shared, own] = await Promise.all([import('@/locales/en/common.json'), english()])
    i18n.global.setLocaleMessage('en', { ...(shared.default as Words), ...own })
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}

/** Keeps a language on this device and changes to it: who goes on before its texts have come has chosen all the same. */
export async function chooseLocale(locale: Locale): Promise<void> {
  localStorage.setItem(kept, locale)
  await use(locale)
}
