import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, password } from './world.mjs'
import { tooWide } from './width.mjs'

let world, house, browser
before(async () => {
  world = await World.start()
  house = await chain(world)
  const region = await house.owner.post('/api/regions', { name: '华东' })
  await fetch(world.url + '/api/stores/' + house.store.id, { method: 'PATCH', headers: { ...house.owner.headers, 'Content-Type': 'application/json' }, body: JSON.stringify({ region_id: region.id }) })
  await house.owner.post('/api/staff', { name: '孙督', phone: '13800000031', password, role: 'supervisor', region_id: region.id })
  await house.owner.post('/api/staff', { name: '钱服', phone: '13800000032', password, role: 'support' })
  await house.clerk.post('/api/members', { name: '林小雨', phone: '13912345678' })
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const paths = {
  概览: '/', 会话: '/conversations', 会员: '/members', 人群: '/segments', 定向群发: '/campaigns', 绑定待办: '/requests', 交接: '/handovers', 无人联系: '/quiet',
  代班: '/substitutes', 常用语: '/phrases', 二维码: '/codes', 员工: '/staff', 门店与片区: '/stores', 投诉: '/complaints', 公众号设置: '/account', 操作记录: '/audits',
}
const everybody = ['概览', '会话', '会员', '常用语', '二维码', '员工']
const theirs = {
  owner: ['13800000001', Object.keys(paths)],
  supervisor: ['13800000031', [...everybody, '人群', '代班', '门店与片区']],
  support: ['13800000032', [...everybody, '门店与片区']],
  manager: ['13800000010', [...everybody, '人群', '定向群发', '绑定待办', '交接', '无人联系', '代班']],
}

for (const [role, [phone, rooms]] of Object.entries(theirs)) {
  test(`${role}: sees his rooms, each opens, and the others lead back to the overview`, async () => {
    const { page, context, faults } = await desk(browser, world, phone)
    const menu = await page.getByRole('navigation', { name: '菜单' }).getByRole('link').allInnerTexts()
    assert.deepEqual(menu.map((t) => t.trim()).sort(), [...rooms].sort())
    const refused = []
    page.on('response', (r) => [401, 403].includes(r.status()) && refused.push(new URL(r.url()).pathname))
    for (const [room, path] of Object.entries(paths)) {
      await page.goto('/console' + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      const landed = new URL(page.url()).pathname.replace(/^\/console/, '') || '/'
      assert.equal(landed, rooms.includes(room) ? path : '/', room)
    }
    assert.deepEqual(refused, [], 'no screen asks for what its reader may not have')
    assert.deepEqual(faults, [])
    await context.close()
  })
}

test('a supervisor reads a file and cannot change it; the service desk can', async () => {
  for (const [phone, writes] of [['13800000031', 0], ['13800000032', 1]]) {
    const { page, context, faults } = await desk(browser, world, phone, { path: '/members' })
    assert.equal(await page.getByRole('button', { name: '新增会员' }).count(), writes)
    assert.equal(await page.getByRole('button', { name: '导入 / 导出' }).count(), 0)
    await page.getByRole('button', { name: '林小雨' }).click()
    await page.locator('.el-drawer').getByText('139****5678').waitFor()
    assert.equal(await page.getByRole('button', { name: '修改资料' }).count(), writes)
    assert.equal(await page.locator('.el-drawer').getByRole('tab', { name: '合并' }).count(), 0)
    assert.deepEqual(await findings(page), [])
    assert.deepEqual(faults, [])
    await context.close()
  }
})

test('a clerk is led to the app in plain words, wherever he goes, in both languages', async () => {
  const { page, context, faults } = await desk(browser, world, '13800000011')
  for (const path of ['/', '/members', '/account', '/conversations/x', '/nowhere']) {
    await page.goto('/console' + path)
    await page.getByRole('heading', { name: '店员请用手机端' }).waitFor()
  }
  assert.equal(await page.getByRole('link', { name: '打开店员端' }).getAttribute('href'), '/app')
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('link', { name: /clerk/i }).waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('every screen says so when it is loading, when there is no network and when the server fails', async () => {
  const { page, context, faults } = await desk(browser, world, '13800000001')
  const rooms = { '/': 'reports', '/conversations': 'conversations', '/members': 'members', '/segments': 'segments', '/campaigns': 'campaigns', '/campaigns/rules': 'campaign_settings', '/requests': 'binding_requests', '/handovers': 'handovers', '/quiet': 'quiet_members', '/substitutes': 'substitutes', '/phrases': 'phrases', '/codes': 'codes', '/staff': 'staff', '/stores': 'stores', '/account': 'account', '/audits': 'audits', '/members/imports': 'member_imports' }
  for (const [path, api] of Object.entries(rooms)) {
    const calls = (url) => new RegExp(`^/api/${api}([/?]|$)`).test(url.pathname)
    let slow = true
    await page.route(calls, async (route) => {
      if (slow) await new Promise((go) => setTimeout(go, 700))
      await route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"status":500,"reason":"internal"}' })
    })
    await page.goto('/console' + path)
    await page.getByRole('status', { name: '正在加载' }).first().waitFor()
    slow = false
    await page.getByText('没能加载出来').first().waitFor()
    await page.unroute(calls)
    await page.route(calls, (route) => route.abort('internetdisconnected'))
    await page.getByRole('button', { name: '重试' }).first().click()
    await page.getByText('连不上网络').first().waitFor()
    assert.deepEqual(await findings(page), [], path)
    await page.unroute(calls)
    await page.getByRole('button', { name: '重试' }).first().click()
    await page.getByText('连不上网络').first().waitFor({ state: 'detached' })
  }
  assert.deepEqual(faults, [])
  await context.close()
})

test('on a phone of 390 px, and on one of 320 px, every room fits and its menu opens', async () => {
  const { page, context, faults } = await desk(browser, world, '13800000001', { size: { width: 390, height: 844 } })
  const wide = []
  for (const language of ['English', '中文']) {
    await page.goto('/console')
    await page.getByRole('button', { name: language, exact: true }).click()
    for (const path of [...Object.values(paths), '/members/imports', '/segments/new', '/campaigns/new', '/campaigns/rules', '/handovers/new']) {
      await page.goto('/console' + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      for (const width of [320, 390]) {
        await page.setViewportSize({ width, height: 844 })
        const over = await tooWide(page)
        if (over > 0) wide.push(`${language} ${path} at ${width}: ${over} px`)
      }
    }
  }
  assert.deepEqual(wide, [])
  await page.getByRole('button', { name: '菜单' }).click()
  await page.getByRole('link', { name: '会员', exact: true }).click()
  await page.getByRole('button', { name: '林小雨' }).click()
  await page.locator('.el-drawer').getByText('139****5678').waitFor()
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})
