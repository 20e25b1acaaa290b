import { mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { createI18n } from 'vue-i18n'
import zh from '@/locales/zh-CN/common.json'
import { feedState } from '@/shared/feed/live'
import { journalNote } from '@/shared/journal'
import NetBanner from './NetBanner.vue'

vi.mock('@/shared/outbox/setup', async () => ({ unsent: (await import('vue')).ref([]) }))

test('it says what is the matter while the database is away, and goes by itself', async () => {
  vi.useFakeTimers()
  const i18n = createI18n({ legacy: false, locale: 'zh-CN', messages: { 'zh-CN': zh } })
  const banner = mount(NetBanner, { global: { plugins: [i18n] } })
  expect(banner.text()).toBe('')
  feedState.value = 'cut'
  await vi.advanceTimersByTimeAsync(2_500)
  expect(banner.text()).toBe(zh.net.cut)
  for (const state of ['away', 'refusing', 'back'] as const) {
    journalNote.value = { state, pushes: 3 }
    await nextTick()
    expect(banner.text()).toBe(zh.net['journal_' + state as `journal_${typeof state}`])
  }
  feedState.value = 'live'
  journalNote.value = undefined
  await nextTick()
  expect(banner.text()).toBe('')
  vi.useRealTimers()
})
