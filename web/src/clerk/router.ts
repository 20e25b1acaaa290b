import { watch } from 'vue'
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { useSession } from '@/shared/session'
import FeedPage from './feed/FeedPage.vue'

export const router = createRouter({
  history: createWebHistory('/app'),
  routes: [
    { path: '/', redirect: '/chats' },
    { path: '/sign-in', name: 'sign-in', component: () => import('./session/SignInPage.vue'), meta: { open: true } },
    { path: '/enter', name: 'enter', component: () => import('./session/EnterPage.vue'), meta: { open: true } },
    { path: '/password', name: 'password', component: () => import('./session/PasswordPage.vue') },
    { path: '/chats', name: 'chats', component: FeedPage, meta: { tab: 'chats' } },
    { path: '/chats/:id', name: 'chat', component: () => import('./chat/ChatPage.vue'), props: true },
    { path: '/members', name: 'members', component: () => import('./member/MembersPage.vue'), meta: { tab: 'members' } },
    { path: '/members/new', name: 'new-member', component: () => import('./member/NewMemberPage.vue') },
    { path: '/members/:id', name: 'member', component: () => import('./member/MemberPage.vue'), props: true },
    { path: '/members/:id/edit', name: 'edit-member', component: () => import('./member/EditPage.vue'), props: true },
    { path: '/members/:id/code', name: 'member-code', component: () => import('./codes/MemberCodePage.vue'), props: true },
    { path: '/todos', name: 'todos', component: () => import('./todo/TodosPage.vue'), meta: { tab: 'todos' } },
    { path: '/campaigns', name: 'campaigns', component: () => import('./campaign/CampaignsPage.vue') },
    { path: '/campaigns/:id', name: 'letters', component: () => import('./campaign/LettersPage.vue'), props: true },
    { path: '/code', name: 'code', component: () => import('./codes/MyCodePage.vue'), meta: { tab: 'code' } },
    { path: '/me/phrases', name: 'phrases', component: () => import('./phrases/PhrasesPage.vue') },
    { path: '/leaving', name: 'leaving', component: () => import('./leaving/LeavingPage.vue') },
    { path: '/me', name: 'me', component: () => import('./me/MePage.vue'), meta: { tab: 'me' } },
    { path: '/me/link', name: 'link', component: () => import('./me/LinkPage.vue') },
    { path: '/:rest(.*)', redirect: '/chats' },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

/** Whoever is not signed in signs in first, and then gets where he was. */
async function settled(): Promise<void> {
  const session = useSession()
  if (session.state !== 'unknown') return
  await new Promise<void>((resolve) => {
    const stop = watch(
      () => session.state,
      (state) => {
        if (state === 'unknown') return
        stop()
        resolve()
      },
    )
  })
}

function signIn(to: RouteLocationNormalized) {
  return { name: 'sign-in', query: to.fullPath === '/chats' ? {} : { next: to.fullPath } }
}

router.beforeEach(async (to) => {
  await settled()
  const session = useSession()
  if (session.state === 'out' && !to.meta.open) return signIn(to)
  if (session.state === 'in' && to.name === 'sign-in') return '/chats'
  return true
})

/** Leaves the screen when the session has ended meanwhile. */
export function watchSession(): void {
  const session = useSession()
  watch(
    () => session.state,
    (state) => {
      const here = router.currentRoute.value
      if (state === 'out' && !here.meta.open && here.matched.length > 0) void router.replace(session.left ? { name: 'sign-in' } : signIn(here))
    },
  )
}
