import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import type { App } from 'vue'
import { asProblem } from '@/api/problem'

/** Calls are made without a network too, so that a screen says at once that there is none. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 30_000,
      retry: (count, error) => asProblem(error).passing && navigator.onLine && count < 2,
      retryDelay: (count) => 500 * 2 ** count,
      throwOnError: false,
    },
    mutations: { networkMode: 'always', retry: false },
  },
})

export function setupQueries(app: App): void {
  app.use(VueQueryPlugin, { queryClient: queries })
}
