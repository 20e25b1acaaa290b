import { fileURLToPath } from 'node:url'
import { VantResolver } from '@vant/auto-import-resolver'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'

const server = process.env.LIUKE_DEV_SERVER ?? 'http://127.0.0.1:8080'

// Both apps load their files from /app/, so that one rule of the server serves them.
export default defineConfig({
  base: '/app/',
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  plugins: [
    vue(),
    Components({
      dirs: [],
      dts: 'src/components.d.ts',
      resolvers: [VantResolver(), ElementPlusResolver({ importStyle: 'css' })],
    }),
    VitePWA({
      registerType: 'prompt',
      injectRegister: false,
      filename: 'sw.js',
      scope: '/app',
      manifestFilename: 'app.webmanifest',
      manifest: {
        name: '留客',
        short_name: '留客',
        lang: 'zh-CN',
        start_url: '/app',
        scope: '/app',
        display: 'standalone',
        background_color: '#f5f6f8',
        theme_color: '#ffffff',
        icons: [
          { src: '/app/icons/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
          { src: '/app/icons/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any maskable' },
        ],
      },
      workbox: {
        // The shell only: answers of the API are never kept. The console is used on desks and stays online.
        globPatterns: ['app.html', 'assets/*.{js,css}'],
        globIgnores: ['assets/console-*', 'assets/amr*', 'assets/Console*'],
        // The page's own address: the server sends app.html for every place in the app.
        navigateFallback: '/app/app.html',
        navigateFallbackAllowlist: [/^\/app(\/|$)/],
        cleanupOutdatedCaches: true,
      },
    }),
  ],
  build: {
    target: ['chrome87', 'safari14'],
    emptyOutDir: false,
    assetsInlineLimit: 0,
    rollupOptions: { input: { app: 'app.html', console: 'console.html' } },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': server } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], setupFiles: ['src/test-setup.ts'] },
})
