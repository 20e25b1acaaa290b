import { fileURLToPath } from 'node:url'
import { VantResolver } from '@vant/auto-import-resolver'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { VitePWA } from 'vite-plugin-pwa'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const server = process.env.LIUKE_DEV_SERVER ?? 'http://127.0.0.1:8080'

/** Vant's icons lie in its style sheet; the copy on another host, for browsers too old for it, is taken out. */
const noForeignHosts: Plugin = {
  name: 'no-foreign-hosts',
  enforce: 'pre',
  transform: (code, id) => (id.includes('/vant/') && id.includes('.css') ? code.replace(/,\s*url\(\/\/[^)]*\)\s*format\([^)]*\)/g, '') : undefined),
}

/** While developing, every place in an app is its page, as the server does it. */
const pages: Plugin = {
  name: 'pages',
  configureServer(dev) {
    dev.middlewares.use((request, _answer, next) => {
      const app = /^\/(app|console)(\/[^.@]*)?(\?.*)?$/.exec(request.url ?? '')?.[1]
      if (app && request.headers.accept?.includes('text/html')) request.url = `/app/${app}.html`
      next()
    })
  },
}

/** What only the console needs, so that phones do not keep it. */
function desk(files: readonly string[]): string {
  return files.some((f) => /src\/console\/|locales\/[^/]+\/console|element-plus|echarts|zrender/.test(f)) ? 'console-' : ''
}

// Both apps load their files from /app/, so that one rule of the server serves them.
export default defineConfig({
  base: '/app/',
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  plugins: [
    vue(),
    noForeignHosts,
    pages,
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
        globIgnores: ['assets/console-*', 'assets/amr*'],
        // The page's own address: the server sends app.html for every place in the app.
        navigateFallback: '/app/app.html',
        navigateFallbackAllowlist: [/^\/app(\/|$)/],
        // The voice codec is large and not everybody's: it is kept once it was used.
        runtimeCaching: [{ urlPattern: /\/app\/assets\/amr[^/]*\.js$/, handler: 'CacheFirst', options: { cacheName: 'codec', expiration: { maxEntries: 2 } } }],
        cleanupOutdatedCaches: true,
      },
    }),
  ],
  build: {
    target: ['chrome87', 'safari14'],
    emptyOutDir: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { app: 'app.html', console: 'console.html' },
      output: {
        chunkFileNames: (chunk) => `assets/${desk(chunk.moduleIds)}[name]-[hash].js`,
        assetFileNames: (asset) => `assets/${desk(asset.originalFileNames)}[name]-[hash][extname]`,
      },
    },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': server } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], setupFiles: ['src/test-setup.ts'] },
})
