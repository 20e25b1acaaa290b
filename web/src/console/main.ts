import '@/shared/styles.css'
import './theme.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import chinese from '@/locales/zh-CN/console.json'
import { setupFeed } from '@/shared/feed/live'
import { i18n, setupTexts } from '@/shared/i18n'
import { setupQueries } from '@/shared/query'
import { useSession } from '@/shared/session'
import App from './App.vue'
import { router } from './router'

async function start(): Promise<void> {
  const app = createApp(App)
  app.use(createPinia())
  app.use(i18n)
  setupQueries(app)
  await setupTexts({ chinese, english: async () => (await import('@/locales/en/console.json')).default })
  void useSession().load()
  setupFeed()
  app.use(router)
  app.mount('#app')
}

void start()
