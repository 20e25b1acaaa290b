// axe on every route of both apps, with something on it, and on dialogs that no other test opens. The routes are read
// from the routers, so a new one is tried by itself.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { desk } from './desk.mjs'
import { handOver, serve } from './duty.mjs'
import { World, chain, password, until } from './world.mjs'

let world, house, browser, ids
before(async () => {
  world = await World.start()
  house = await chain(world)
  browser = await launch()
  const { people, chat } = await serve(world, house)
  const handover = await handOver(house)
  await until('the to-dos', async () => (await house.colleague.get('/api/todos')).items.length > 0)
  const member = people['林小雨'].memberId
  await house.colleague.post(`/api/members/${member}/notes`, { text: '对乳糖不耐受' })
  await house.owner.post('/api/phrases', { scope: 'account', title: '问候', situation: '到店', text: '{member}您好' })
  await house.colleague.post('/api/phrases', { scope: 'own', title: '到货', text: '到货了' })
  await house.owner.post('/api/codes', { kind: 'store', store_id: house.store.id })
  const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString()
  await house.owner.post('/api/substitutes', { clerk_id: house.colleague.staff.id, substitute_id: house.clerk.staff.id, from: day(0), to: day(2) })
  await world.call(`${world.url}/api/staff/${house.colleague.staff.id}/leaving`, { method: 'PUT', headers: { ...house.owner.headers, 'Content-Type': 'application/json' }, body: JSON.stringify({ last_day: day(9).slice(0, 10) }) })
  const segment = await house.owner.post('/api/segments', { scope: 'account', name: '没来过的', filter: { all: [{ field: 'last_visit', is: false }, { any: [{ field: 'tag', in: ['VIP'] }, { not: { field: 'sex', in: ['male'] } }] }] } })
  const campaign = await house.owner.post('/api/campaigns', { name: '新年问候', segment_id: segment.id, content: { purpose: 'notice', text: '{member}新年好', variants: { prospect: '新年好' }, task: '问好' }, channels: ['customer', 'task'], control: 10 })
  const gone = await house.owner.post('/api/members', { name: '要求删除的人', store_id: house.store.id })
  const erasure = await house.owner.post(`/api/members/${gone.id}/erasure`, { cause: 'wish', how: 'store', confirm: 'erase' })
  ids = { erasure: erasure.id, chat, member, segment: segment.id, campaign: campaign.id, handover, staff: house.colleague.staff.id }
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

/** The paths of a router, with its parts in brackets filled; those that only lead on are left out. */
async function routes(app, base, ofId) {
  const source = await readFile(new URL(`../src/${app}/router.ts`, import.meta.url), 'utf8')
  const paths = [...source.matchAll(/path: '([^']*)'.*component: \(?/g)].map((m) => m[1].replace(/^\//, ''))
  assert.ok(paths.length > 10, 'the router is written otherwise now')
  return paths.map((path) => base + '/' + path.replace(/:id\??/, () => ofId(path)))
}

const calm = (page) => page.locator('[role=status][aria-label=正在加载]').first().waitFor({ state: 'detached' })

test('the console', async () => {
  const { page, context, faults } = await desk(browser, world, '13800000001')
  const found = []
  const look = async (where) => found.push(...(await findings(page)).map((f) => `${where}: ${f}`))
  const ofId = (path) => ({ conversations: ids.chat, segments: ids.segment, campaigns: ids.campaign, handovers: ids.handover, erasures: ids.erasure, staff: ids.staff })[path.split('/')[0]]
  for (const path of await routes('console', '/console', ofId)) {
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await calm(page)
    await look(path)
  }
  for (const [path, name] of [
    ['/members', '新增会员'],
    ['/phrases', '新常用语'],
    ['/substitutes', '安排代班'],
    ['/codes', '生成二维码'],
    ['/staff', '新增员工'],
    ['/stores', '新增门店'],
  ]) {
    await page.goto('/console' + path)
    await page.getByRole('button', { name, exact: true }).click()
    await page.getByRole('dialog').waitFor()
    await look(name)
  }
  await page.goto('/console/members')
  await page.getByRole('button', { name: '林小雨' }).click()
  const drawer = page.locator('.el-drawer')
  for (const tab of await drawer.getByRole('tab').all()) {
    await tab.click()
    await calm(page)
    await look('drawer, ' + (await tab.innerText()))
  }
  await drawer.getByRole('button', { name: '修改资料' }).click()
  await page.locator('.el-dialog').waitFor()
  await look('修改资料')
  assert.deepEqual(found, [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('the clerk app', async () => {
  const { page, context, faults } = await phone(browser, world, { context: { serviceWorkers: 'block' } })
  const found = []
  const look = async (where) => found.push(...(await findings(page)).map((f) => `${where}: ${f}`))
  await page.goto('/app/sign-in')
  await page.getByLabel('手机号').waitFor()
  await look('/app/sign-in')
  await signIn(page, '13800000012', password)
  for (const path of await routes('clerk', '/app', (path) => (path.startsWith('/chats') || path.startsWith('chats') ? ids.chat : ids.member))) {
    await page.goto(path)
    await page.locator('main').first().waitFor()
    await calm(page)
    await look(path)
  }
  await page.goto('/app/members/' + ids.member)
  const acts = page.getByRole('navigation', { name: '可以做的事' })
  for (const name of ['打电话', '备注', '标签']) {
    await acts.getByRole('button', { name }).click()
    await page.getByRole('dialog').waitFor()
    await look(name)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
  }
  assert.deepEqual(found, [])
  assert.deepEqual(faults, [])
  await context.close()
})
