import { watch } from 'vue'
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { useSession } from '@/shared/session'
import Shell from './shell/Shell.vue'
import { menu } from './shell/menu'

export const router = createRouter({
  history: createWebHistory('/console'),
  routes: [
    { path: '/sign-in', name: 'sign-in', component: () => import('./shell/SignIn.vue'), meta: { open: true } },
    { path: '/password', name: 'password', component: () => import('./shell/Password.vue') },
    { path: '/elsewhere', name: 'elsewhere', component: () => import('./shell/Elsewhere.vue') },
    {
      path: '/',
      component: Shell,
      children: [
        { path: '', name: 'overview', component: () => import('./overview/OverviewPage.vue') },
        { path: 'conversations/:id?', name: 'conversations', component: () => import('./conversations/ConversationsPage.vue'), props: true },
        { path: 'members', name: 'members', component: () => import('./members/MembersPage.vue') },
        { path: 'members/imports', name: 'imports', component: () => import('./members/ImportsPage.vue'), meta: { room: 'members', roles: ['owner', 'manager'] } },
        { path: 'members/purchase-imports', name: 'purchase-imports', component: () => import('./members/PurchaseImportsPage.vue'), meta: { room: 'members', roles: ['owner', 'manager'] } },
        { path: 'erasures', name: 'erasures', component: () => import('./privacy/ErasuresPage.vue'), meta: { room: 'members', roles: ['owner', 'manager'] } },
        { path: 'erasures/:id', name: 'erasure', component: () => import('./privacy/ErasurePage.vue'), props: true, meta: { room: 'members', roles: ['owner', 'manager'] } },
        { path: 'segments', name: 'segments', component: () => import('./segments/SegmentsPage.vue') },
        { path: 'segments/new', name: 'new-segment', component: () => import('./segments/SegmentPage.vue'), meta: { room: 'segments' } },
        { path: 'segments/:id', name: 'segment', component: () => import('./segments/SegmentPage.vue'), props: true, meta: { room: 'segments' } },
        { path: 'campaigns', name: 'campaigns', component: () => import('./campaigns/CampaignsPage.vue') },
        { path: 'campaigns/new', name: 'new-campaign', component: () => import('./campaigns/EditorPage.vue'), meta: { room: 'campaigns' } },
        { path: 'campaigns/rules', name: 'campaign-rules', component: () => import('./campaigns/RulesPage.vue'), meta: { room: 'campaigns' } },
        { path: 'campaigns/:id', name: 'campaign', component: () => import('./campaigns/CampaignPage.vue'), props: true, meta: { room: 'campaigns' } },
        { path: 'campaigns/:id/edit', name: 'edit-campaign', component: () => import('./campaigns/EditorPage.vue'), props: true, meta: { room: 'campaigns' } },
        { path: 'handovers', name: 'handovers', component: () => import('./handovers/HandoversPage.vue') },
        { path: 'handovers/new', name: 'new-handover', component: () => import('./handovers/NewHandoverPage.vue'), meta: { room: 'handovers' } },
        { path: 'handovers/:id', name: 'handover', component: () => import('./handovers/HandoverPage.vue'), props: true, meta: { room: 'handovers' } },
        { path: 'quiet', name: 'quiet', component: () => import('./duty/QuietPage.vue') },
        { path: 'complaints', name: 'complaints', component: () => import('./complaints/ComplaintsPage.vue') },
        { path: 'requests', name: 'requests', component: () => import('./codes/RequestsPage.vue') },
        { path: 'phrases', name: 'phrases', component: () => import('./phrases/PhrasesPage.vue') },
        { path: 'codes', name: 'codes', component: () => import('./codes/CodesPage.vue') },
        { path: 'substitutes', name: 'substitutes', component: () => import('./substitutes/SubstitutesPage.vue') },
        { path: 'staff/:id/leaving', name: 'leaving', component: () => import('./leaving/LeavingPage.vue'), props: true, meta: { room: 'staff' } },
        { path: 'staff', name: 'staff', component: () => import('./shops/StaffPage.vue') },
        { path: 'stores', name: 'stores', component: () => import('./shops/StoresPage.vue') },
        { path: 'account', name: 'account', component: () => import('./account/AccountPage.vue') },
        { path: 'audits', name: 'audits', component: () => import('./audits/AuditsPage.vue') },
      ],
    },
    { path: '/:rest(.*)', redirect: '/' },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

/** Waits until it is known whether somebody is signed in. */
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
  return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
}

router.beforeEach(async (to) => {
  await settled()
  const session = useSession()
  if (session.state === 'out') return to.meta.open ? true : signIn(to)
  if (to.name === 'sign-in') return '/'
  const role = session.me?.staff.role ?? ''
  if (role === 'clerk' && to.name !== 'elsewhere' && to.name !== 'password') return { name: 'elsewhere' }
  const entry = menu.find((e) => e.name === (to.meta.room ?? to.name))
  const only = to.meta.roles as string[] | undefined
  if (only && !only.includes(role) && role !== 'clerk') return '/'
  return entry && !entry.roles.includes(role) && role !== 'clerk' ? '/' : true
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
