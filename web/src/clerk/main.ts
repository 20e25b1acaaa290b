import '@/shared/styles.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { setupDrafts } from '@/shared/drafts/setup'
import { setupFeed } from '@/shared/feed/live'
import { i18n, setupTexts } from '@/shared/i18n'
import { setupOutbox } from '@/shared/outbox/setup'
import { setupQueries } from '@/shared/query'
import { useSession } from '@/shared/session'
import chinese from '@/locales/zh-CN/clerk.json'
import App from './App.vue'
import { setupInstall } from './install'
import { router } from './router'
import { setupVant } from './vant'

async function start(): Promise<void> {
  const app = createApp(App)
  app.use(createPinia())
  app.use(i18n)
  setupQueries(app)
  await setupTexts({ chinese, english: async () => (await import('@/locales/en/clerk.json')).default })
  setupVant()
  void useSession().load()
  setupFeed()
  setupOutbox()
  setupDrafts()
  app.use(router)
  app.mount('#app')
  setupInstall()
}

void start()
