// What a till tells of a member, what he allows, and the keys by which tills call: on the console and on the phone.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, password, until } from './world.mjs'

const shots = process.env.SHOTS
let world, house, browser, member
before(async () => {
  world = await World.start()
  house = await chain(world)
  member = await house.clerk.post('/api/members', { name: '林小雨', phone: '13912345678' })
  browser = await launch()
  if (shots) await mkdir(shots, { recursive: true })
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const owner = '13800000001'
const shot = (page, name) => shots && page.screenshot({ path: join(shots, name + '.png') })
const day = (n) => new Date(Date.now() - n * 86_400_000).toISOString()
const sell = (sales, key) => fetch(world.url + '/api/purchases', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Api-Key': key }, body: JSON.stringify(sales) })

test('a key is made, shown once and copied; a till sells with it; ended, it is refused', async () => {
  const { page, context, faults, dialog, said } = await desk(browser, world, owner, { path: '/account' })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const card = page.locator('section.card', { has: page.getByRole('heading', { name: '接口密钥', exact: true }) })
  await card.getByText('还没有密钥').waitFor()
  await card.getByLabel('给谁用').fill('中山路店收银机')
  await card.getByRole('button', { name: '生成密钥' }).click()
  const made = dialog('新密钥：中山路店收银机')
  await made.getByText('关掉后就再也看不到了').waitFor()
  assert.deepEqual(await findings(page), [])
  await shot(page, 'key-made')
  await made.getByRole('button', { name: '复制' }).click()
  await said('已复制')
  const key = await page.evaluate(() => navigator.clipboard.readText())
  await made.getByRole('button', { name: '我已保存' }).click()
  await made.waitFor({ state: 'detached' })
  assert.equal((await page.content()).includes(key), false)
  await card.getByText('没用过').waitFor()

  const sales = [
    { external_id: 'Z-1001', member: { phone: '13912345678' }, store_code: 'ZSL', clerk_id: house.clerk.staff.id, paid_at: day(9), amount: 128_050, items: [{ sku: 'A1', name: '有机棉连体衣', category: '服装', quantity: 2, amount: 59_800 }, { name: '婴儿推车', amount: 68_250 }] },
    { external_id: 'Z-1002', member: { phone: '13912345678' }, store_code: 'ZSL', paid_at: day(2), amount: -29_900, refund_of: 'Z-1001', items: [{ name: '有机棉连体衣', quantity: 1, amount: -29_900 }] },
    ...[1, 2, 3].map((n) => ({ external_id: 'Z-90' + n, member: { phone: '13912345678' }, store_code: 'ZSL', paid_at: day(20 + n), amount: 9_900 })),
  ]
  const { items } = await (await sell(sales, key)).json()
  assert.deepEqual(items.map((i) => i.result), ['created', 'created', 'created', 'created', 'created'])
  await page.reload()
  await card.getByRole('button', { name: '作废 中山路店收银机 的密钥' }).waitFor()
  assert.equal(await card.getByText('没用过').count(), 0)
  await card.evaluate((e) => e.scrollIntoView())
  await shot(page, 'keys')
  await card.getByRole('button', { name: '作废 中山路店收银机 的密钥' }).click()
  await dialog('作废“中山路店收银机”的密钥').getByText('马上传不进来').waitFor()
  await dialog('作废“中山路店收银机”的密钥').getByRole('button', { name: '作废', exact: true }).click()
  await card.getByText('已作废').waitFor()
  assert.equal((await sell(sales, key)).status, 401)
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('the console shows what he bought and returned, and writes down what he allows', async () => {
  const { page, context, faults, dialog, said } = await desk(browser, world, '13800000010', { path: '/members' })
  await page.getByRole('button', { name: '林小雨' }).click()
  const drawer = page.locator('.el-drawer')
  await drawer.getByRole('tab', { name: '消费' }).click()
  await drawer.getByText('¥1,280.50').waitFor()
  await drawer.getByText('有机棉连体衣 × 2').waitFor()
  await drawer.locator('li', { hasText: '-¥299.00' }).getByText('退款').waitFor()
  assert.deepEqual(await findings(page), [])
  await shot(page, 'console-purchases')
  await drawer.getByRole('tab', { name: '经历' }).click()
  await drawer.getByText('在 中山路店 退款 ¥299.00').waitFor()
  await drawer.getByText('在 中山路店 消费 ¥1,280.50，王芳 接待').waitFor()

  await drawer.getByRole('tab', { name: '授权' }).click()
  await drawer.getByText('还没有登记过').waitFor()
  await drawer.getByRole('button', { name: '登记：活动和优惠' }).click()
  await dialog('问他：活动和优惠').getByRole('button', { name: '他同意' }).click()
  await said('已登记')
  await drawer.getByText('活动和优惠：已同意').waitFor()
  await drawer.getByText('周敏 当面问的').waitFor()
  assert.deepEqual(await findings(page), [])
  await shot(page, 'console-consents')
  const { items } = await house.clerk.get(`/api/members/${member.id}/consents`)
  assert.equal(items.find((c) => c.purpose === 'marketing').state, 'given')
  assert.deepEqual(faults, [])
  await context.close()
})

test('so does the phone, from the first three on', async () => {
  const { page, context, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  await page.goto('/app/members/' + member.id)
  await page.getByText('-¥299.00').first().waitFor()
  assert.equal(await page.getByText('¥99.00', { exact: true }).count(), 1)
  await page.getByRole('heading', { name: '消费' }).evaluate((e) => e.scrollIntoView())
  await shot(page, 'clerk-purchases')
  await page.getByRole('button', { name: '看更早的' }).first().click()
  await until('all of them', async () => (await page.getByText('¥99.00', { exact: true }).count()) === 3)
  await page.getByText('退款 ¥299.00').waitFor()
  await page.getByRole('button', { name: /活动和优惠/ }).click()
  const sheet = page.getByRole('dialog', { name: '问他：活动和优惠' })
  await sheet.getByRole('button', { name: '他不同意' }).waitFor()
  assert.deepEqual(await findings(page), [])
  await shot(page, 'clerk-consent')
  await sheet.getByRole('button', { name: '他不同意' }).click()
  await page.getByRole('button', { name: /活动和优惠.*不同意/ }).waitFor()
  await sheet.waitFor({ state: 'hidden' })
  assert.deepEqual(await findings(page), [])
  await shot(page, 'clerk-consents')
  const { items } = await house.clerk.get(`/api/members/${member.id}/consent_records`)
  assert.deepEqual(items.map((c) => c.state), ['withdrawn', 'given'])
  assert.deepEqual(faults, [])
  await context.close()
})
