// Getting in and staying reachable: sign-in codes, the link to the clerk's own WeChat, business hours.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, password, until } from './world.mjs'
import { tooWide } from './width.mjs'

let world, house, browser
before(async () => {
  world = await World.start()
  house = await chain(world)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const shots = process.env.E2E_SHOTS
async function shot(page, name) {
  if (!shots) return
  await mkdir(shots, { recursive: true })
  await page.screenshot({ path: join(shots, name + '.png') })
}

test('a manager shows a code, the clerk scans it and is in, sets a password without the first one; the code works once', async () => {
  const { context, page, faults } = await desk(browser, world, '13800000010')
  await page.goto('/console/staff')
  await page.getByRole('button', { name: '对 李娜 的操作' }).click()
  const made = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/sign_in_code'))
  await page.getByRole('menuitem', { name: '扫码登录' }).click()
  const { url } = await (await made).json()
  assert.match(url, /\/app\/enter#[\w-]{43}$/)
  const dialog = page.getByRole('dialog')
  await dialog.getByAltText('李娜 的登录二维码').waitFor()
  await dialog.getByText('内有效').waitFor()
  assert.deepEqual(await findings(page), [])
  await shot(page, 'console-code')

  const clerk = await phone(browser, world)
  const asked = []
  clerk.page.on('request', (r) => asked.push(r.url()))
  await clerk.page.goto(url)
  await clerk.page.getByRole('button', { name: '在这台手机上登录' }).waitFor()
  assert.doesNotMatch(clerk.page.url(), /#/, 'the secret is gone from the address')
  assert.deepEqual(await findings(clerk.page), [])
  await shot(clerk.page, 'enter')
  await clerk.page.setViewportSize({ width: 320, height: 640 })
  assert.equal(await tooWide(clerk.page), 0)
  await shot(clerk.page, 'enter-320')
  await clerk.page.setViewportSize({ width: 390, height: 844 })
  await clerk.page.getByRole('button', { name: '在这台手机上登录' }).click()
  await clerk.page.getByText('您还没有自己的密码').waitFor()
  assert.equal(await clerk.page.getByLabel('原密码').count(), 0)
  await shot(clerk.page, 'enter-password')
  await clerk.page.locator('input[name=new]').fill('my own password')
  await clerk.page.locator('input[name=again]').fill('my own password')
  await clerk.page.getByRole('button', { name: '改密码' }).click()
  await clerk.page.getByText('还没有会话').waitFor()
  assert.deepEqual(asked.filter((u) => u.includes(url.split('#')[1])), [], 'no request names the secret')
  await dialog.getByText('李娜 已在手机上登录').waitFor()
  await shot(page, 'console-code-done')

  const second = await phone(browser, world)
  await second.page.goto(url)
  await second.page.getByRole('button', { name: '在这台手机上登录' }).click()
  await second.page.getByText('已经用过了').waitFor()
  await shot(second.page, 'enter-used')
  assert.deepEqual(await findings(second.page), [])
  await second.page.getByRole('button', { name: '用手机号和密码登录' }).click()
  await second.page.getByLabel('手机号').waitFor()
  assert.deepEqual([...faults, ...clerk.faults, ...second.faults], [])
  for (const c of [context, clerk.context, second.context]) await c.close()
})

test('a code that is taken back or too old lets nobody in, and a phone says whom it would replace', async () => {
  const { context, page } = await desk(browser, world, '13800000010')
  await page.goto('/console/staff')
  const lend = async () => {
    await page.getByRole('button', { name: '对 王芳 的操作' }).click()
    const made = page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/sign_in_code'))
    await page.getByRole('menuitem', { name: '扫码登录' }).click()
    return (await (await made).json()).url
  }
  const first = await lend()
  const back = page.waitForResponse((r) => r.request().method() === 'DELETE' && r.url().endsWith('/sign_in_code'))
  await page.getByRole('dialog').getByRole('button', { name: '关闭', exact: true }).last().click()
  await back
  const clerk = await phone(browser, world)
  await clerk.page.goto(first)
  await clerk.page.getByRole('button', { name: '在这台手机上登录' }).click()
  await clerk.page.getByText('已经失效').waitFor()

  await signIn(clerk.page, '13800000011', password)
  await clerk.page.goto(await lend())
  await clerk.page.getByText('这台手机现在登录的是 王芳').waitFor()
  await clerk.page.getByRole('button', { name: 'English' }).click()
  await clerk.page.getByText('One tap signs you in').waitFor()
  await clerk.page.getByRole('button', { name: '中文' }).click()
  // the answer of a server whose clock is ten minutes on
  await clerk.page.route('**/api/session/code', (route) =>
    route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify({ status: 401, reason: 'code_expired' }) }),
  )
  await clerk.page.getByRole('button', { name: '在这台手机上登录' }).click()
  await clerk.page.getByText('这个登录码过期了').waitFor()
  await context.close()
  await clerk.context.close()
})

const put = (who, path, body) =>
  world.call(world.url + path, { method: 'PUT', headers: { 'Content-Type': 'application/json', ...who.headers }, body: JSON.stringify(body) })

test('a clerk links the own WeChat by a code, sees it live, and unlinks; the owner names the template', async () => {
  const clerk = await phone(browser, world)
  await signIn(clerk.page, '13800000011', password)
  await clerk.page.getByRole('link', { name: '我', exact: true }).click()
  await clerk.page.getByText('未绑定').click()
  await clerk.page.getByText('还没有设好提醒用的模板').waitFor()
  assert.deepEqual(await findings(clerk.page), [])

  const { context, page, faults } = await desk(browser, world, '13800000001')
  await page.goto('/console/account')
  await page.getByLabel('模板 ID').fill('TM00000000000000000000000000000000000000001')
  await page.getByLabel('装会员名字的字段').fill('thing1')
  const card = page.locator('section', { hasText: '给店员手机的提醒' })
  await card.getByRole('button', { name: '保存' }).click()
  await page.getByText('店员可以绑定微信了').waitFor()
  assert.deepEqual(await findings(page), [])
  await card.evaluate((e) => e.scrollIntoView())
  await shot(page, 'console-notices')
  await card.getByLabel('装会员名字的字段').fill('amount1')
  await card.getByRole('button', { name: '保存' }).click()
  await page.getByText('字段要写成 thing1').waitFor()
  await context.close()

  await clerk.page.reload()
  await clerk.page.getByText('还没有绑定微信').waitFor()
  assert.equal(await clerk.page.getByText('还没有设好提醒用的模板').count(), 0)
  await shot(clerk.page, 'link-none')
  const made = clerk.page.waitForResponse((r) => r.url().endsWith('/api/me/link_code'))
  await clerk.page.getByRole('button', { name: '生成二维码' }).click()
  const { url } = await (await made).json()
  await clerk.page.getByAltText('绑定微信的二维码').waitFor()
  assert.deepEqual(await findings(clerk.page), [])
  await shot(clerk.page, 'link-code')
  await clerk.page.setViewportSize({ width: 320, height: 640 })
  assert.equal(await tooWide(clerk.page), 0)
  await shot(clerk.page, 'link-code-320')
  await clerk.page.setViewportSize({ width: 390, height: 844 })
  const own = await world.person('王芳的微信')
  await own.scan(url)
  await clerk.page.getByText('已绑定您的微信').waitFor() // without a reload
  assert.deepEqual(await findings(clerk.page), [])
  await shot(clerk.page, 'link-on')
  await clerk.page.getByRole('button', { name: '解除绑定' }).click()
  await clerk.page.getByRole('dialog').getByRole('button', { name: '解除绑定' }).click()
  await clerk.page.getByText('还没有绑定微信').waitFor()
  assert.deepEqual([...faults, ...clerk.faults], [])
  await clerk.context.close()
})

test('the address in a notice opens its chat, also for who must sign in first', async () => {
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const member = await world.person('提醒里的会员')
  await member.scan(code.url)
  await member.say('请问还在营业吗')
  const id = await until('the conversation', async () => {
    const { items } = await house.clerk.get('/api/conversations?queue=mine')
    return items.find((c) => c.last_message?.text === '请问还在营业吗')?.id
  })
  const { context, page, faults } = await phone(browser, world)
  await page.goto('/app/chats/' + id)
  await page.getByLabel('手机号').fill('13800000011')
  await page.locator('input[name=password]').fill(password)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('button', { name: '以后再说' }).click()
  await page.getByText('请问还在营业吗').waitFor()
  assert.equal(new URL(page.url()).pathname, '/app/chats/' + id)
  assert.deepEqual(faults, [])
  await context.close()
})

/** The day of the week in the store's zone, 1 for Monday. */
const weekday = (days) => ((new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).getUTCDay() + 6) % 7) + 1

test('business hours are set in the console, a store may differ, and colours follow them on phone and desk', async () => {
  const { context, page, faults } = await desk(browser, world, '13800000001')
  await page.goto('/console/account')
  const card = page.locator('section', { hasText: '只算营业时间' })
  await card.getByText('没有设：全天都计时').waitFor()
  const days = ['周一', '周二', '周三', '周四', '周五', '周六', '周日']
  const later = days[weekday(3) - 1] // closed today, and tomorrow too
  await card.getByRole('row', { name: later }).getByRole('button', { name: '加一段' }).click()
  await card.getByLabel(later + '结束').fill('00:00')
  await card.getByRole('button', { name: '保存' }).click()
  await page.getByText('营业时间已保存').waitFor()
  assert.deepEqual(await findings(page), [])
  await card.evaluate((e) => e.scrollIntoView())
  await shot(page, 'console-hours')
  const account = await house.owner.get('/api/account')
  assert.deepEqual(account.business_hours, [{ weekday: weekday(3), from: '09:00', to: '24:00' }])

  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const member = await world.person('打烊后来的')
  await member.scan(code.url)
  await member.say('明天有货吗')
  const one = async () => (await house.clerk.get('/api/conversations?queue=waiting')).items.find((c) => c.last_message?.text === '明天有货吗')
  const closed = await until('the conversation', one)
  assert.ok(Date.parse(closed.amber_at) > Date.now() + 86_400_000, 'not before the shop opens')
  assert.equal(Date.parse(closed.red_at) - Date.parse(closed.amber_at), 20 * 60_000)

  // an hour later by the clock of the phone and of the desk
  const clerk = await phone(browser, world)
  const hourAgo = async (target) =>
    target.route('**/api/conversations?*', async (route) => {
      const answer = await route.fetch()
      const list = await answer.json()
      for (const c of list.items) if (c.waiting_since) c.waiting_since = new Date(Date.parse(c.waiting_since) - 3_600_000).toISOString()
      await route.fulfill({ response: answer, json: list })
    })
  await hourAgo(clerk.page)
  await hourAgo(page)
  await signIn(clerk.page, '13800000011', password)
  const row = clerk.page.locator('.row', { hasText: '明天有货吗' })
  await row.getByText('等 1 小时').waitFor()
  assert.equal(await row.locator('.wait.calm').count(), 1, 'the clock is told, no colour')
  await shot(clerk.page, 'feed-closed')
  await page.goto('/console/conversations')
  await page.locator('.row', { hasText: '明天有货吗' }).locator('.wait.calm').waitFor()

  // the store is open round the clock, so the colours come
  await page.goto('/console/stores')
  await page.getByRole('row', { name: /中山路店/ }).getByRole('button', { name: '修改' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('这家店和公众号设置的不一样').click()
  await dialog.getByRole('row', { name: '周一' }).getByRole('button', { name: '加一段' }).click()
  await dialog.getByLabel('周一开始').fill('00:00')
  await dialog.getByLabel('周一结束').fill('00:00')
  await dialog.getByRole('button', { name: '每天都和周一一样' }).click()
  assert.deepEqual(await findings(page), [])
  await shot(page, 'console-store-hours')
  await dialog.getByRole('button', { name: '保存' }).click()
  await page.getByText('门店已保存').waitFor()
  const open = await one()
  assert.equal(Date.parse(open.amber_at) - Date.parse(open.waiting_since), 10 * 60_000)
  await clerk.page.unrouteAll({ behavior: 'wait' })
  await clerk.page.route('**/api/conversations?*', async (route) => {
    const answer = await route.fetch()
    const list = await answer.json()
    for (const c of list.items) if (c.waiting_since) for (const at of ['waiting_since', 'amber_at', 'red_at']) c[at] = new Date(Date.parse(c[at]) - 900_000).toISOString()
    await route.fulfill({ response: answer, json: list })
  })
  await clerk.page.reload()
  await row.locator('.wait.amber').waitFor()

  await page.unrouteAll({ behavior: 'wait' })
  await page.goto('/console/account')
  await card.getByRole('button', { name: '改回全天' }).click()
  await card.getByRole('button', { name: '保存' }).click()
  await page.getByText('营业时间已保存').waitFor()
  assert.deepEqual((await house.owner.get('/api/account')).business_hours, [])
  assert.deepEqual([...faults, ...clerk.faults], [])
  await context.close()
  await clerk.context.close()
})

test('a clerk sees the own week and who stands in for whom, in both languages and on a narrow phone', async () => {
  await put(house.owner, `/api/staff/${house.clerk.staff.id}/duty`, {
    hours: [{ weekday: 1, from: '09:00', to: '12:00' }, { weekday: 1, from: '13:00', to: '18:00' }, { weekday: 6, from: '22:00', to: '02:00' }],
  })
  const hour = (n) => new Date(Date.now() + n * 3_600_000).toISOString()
  await house.owner.post('/api/substitutes', { clerk_id: house.clerk.staff.id, substitute_id: house.colleague.staff.id, from: hour(0), to: hour(5) })
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  await page.goto('/app/me')
  await page.getByText('李娜 替您接待会员').waitFor()
  await page.getByText('13:00–18:00').waitFor()
  await page.getByText('22:00–02:00').waitFor()
  assert.deepEqual(await findings(page), [])
  await shot(page, 'me')
  await page.setViewportSize({ width: 320, height: 640 })
  assert.equal(await tooWide(page), 0)
  await page.getByText('我的值班时间').evaluate((e) => e.scrollIntoView())
  await shot(page, 'me-320')
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByText('My week').waitFor()
  assert.equal(await tooWide(page), 0)
  assert.deepEqual(await findings(page), [])
  await page.goto('/app/me/link')
  await page.getByText('No WeChat linked yet').waitFor()
  assert.equal(await tooWide(page), 0)
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()

  const other = await phone(browser, world)
  // 李娜 set a password of her own above, so she comes by a code of the manager
  const manager = await world.signIn('13800000010')
  const { url } = await manager.post(`/api/staff/${house.colleague.staff.id}/sign_in_code`)
  await other.page.goto(url)
  await other.page.getByRole('button', { name: '在这台手机上登录' }).click()
  await other.page.getByRole('button', { name: '我的', exact: true }).waitFor()
  await other.page.goto('/app/me')
  await other.page.getByText('您替 王芳 接待会员').waitFor()
  await other.page.getByText('没有排班').waitFor()
  assert.deepEqual(other.faults, [])
  await other.context.close()
})

test('on a shared phone the next clerk sees nothing of the one before, and begins at the start', async () => {
  const mine = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const one = await world.person('只归王芳')
  await one.scan(mine.url)
  await one.say('王芳才看得见的话')
  await world.settle()
  const { context, page, faults } = await phone(browser, world)
  const enter = async (number) => {
    await page.getByLabel('手机号').fill(number)
    await page.locator('input[name=password]').fill(password)
    await page.getByRole('button', { name: '登录' }).click()
  }
  await signIn(page, '13800000011', password)
  await page.getByText('王芳才看得见的话').waitFor()
  await page.getByRole('link', { name: '我', exact: true }).click()
  await page.getByText('退出登录', { exact: true }).click()
  assert.deepEqual(await findings(page), [])
  await page.getByRole('dialog', { name: '退出登录' }).getByRole('button', { name: '确认' }).click()
  await page.getByLabel('手机号').waitFor()
  assert.equal(new URL(page.url()).search, '', 'whoever left by himself leaves no place behind')
  await enter('13800000010')
  const told = page.waitForResponse((r) => r.url().includes('/api/conversations?') && r.ok())
  await page.getByRole('button', { name: '以后再说' }).click()
  await told
  await page.getByRole('button', { name: '我的', exact: true }).waitFor()
  assert.equal(await page.getByText('王芳才看得见的话').count(), 0)
  assert.deepEqual(faults, [])
  await context.close()
})

test('who signs out in one window is out in the other', async () => {
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  const second = await context.newPage()
  await second.goto('/app/me')
  await second.getByText('退出登录', { exact: true }).click()
  await second.getByRole('dialog').getByRole('button', { name: '确认' }).click()
  await page.getByLabel('手机号').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})
