// A clerk gives notice and signs, his manager signs; a colleague stands in and it ends.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, password, until } from './world.mjs'
import { tooWide } from './width.mjs'

const shots = process.env.SHOTS
let world, house, browser
before(async () => {
  world = await World.start()
  house = await chain(world)
  browser = await launch()
  if (shots) await mkdir(shots, { recursive: true })
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const shot = (page, name) => shots && page.screenshot({ path: join(shots, name + '.png'), fullPage: true })


/** Chooses from a list of the console, and waits until the list is closed again. */
async function choose(page, field, name) {
  await page.locator(field).click()
  await page.locator('.el-select-dropdown__item:visible', { hasText: name }).click()
  await until('the list to close', async () => (await page.locator('.el-select-dropdown:visible').count()) === 0)
}

const dayAfter = (days) => new Date(Date.now() + days * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10)

test('notice is given: the phone says so at once, both sign, a change voids it, and no whole phone is shown', async () => {
  const member = await house.clerk.post('/api/members', { name: '豆豆妈', phone: '13911110001' })
  await house.clerk.post('/api/members', { name: '没留手机' })
  const clerk = await phone(browser, world, { patience: 20_000 })
  await signIn(clerk.page, '13800000011', password)
  await clerk.page.getByText('还没有会话').waitFor()
  assert.equal(await clerk.page.getByText('离职交接期').count(), 0)

  const manager = await desk(browser, world, '13800000010')
  const page = manager.page
  await page.goto('/console/staff')
  await page.getByRole('button', { name: '对 王芳 的操作' }).click()
  await page.getByRole('menuitem', { name: '离职交接' }).click()
  await page.getByText('还没有登记离职').waitFor()
  await page.getByLabel('最后工作日').fill(dayAfter(14))
  await page.getByRole('button', { name: '登记离职' }).click()
  await page.getByText('会员档案补齐').waitFor()
  await page.getByText('2 位会员，1 位缺姓名或手机').waitFor()

  await clerk.page.getByRole('link', { name: /离职交接期/ }).click() // it came live, and is one tap away
  await clerk.page.getByRole('checkbox', { name: /会员档案补齐/ }).click()
  await clerk.page.getByRole('checkbox', { name: /会员档案补齐/, checked: true }).waitFor()
  await clerk.page.locator('li', { hasText: '答应会员的事' }).getByRole('button', { name: '写备注' }).click()
  await clerk.page.getByPlaceholder('备注（可不填）').fill('答应豆豆妈 12 月 3 日送尿布样品')
  await clerk.page.getByRole('button', { name: '保存' }).click()
  await clerk.page.getByText('备注：答应豆豆妈').waitFor()
  await clerk.page.getByRole('button', { name: '我已核对，签名' }).click()
  await clerk.page.getByRole('dialog').getByRole('button', { name: '我已核对，签名' }).click()
  await clerk.page.getByText('王芳 已签').waitFor()
  await clerk.page.locator('.van-toast').waitFor({ state: 'hidden' })
  await shot(clerk.page, 'clerk-leaving-390')
  assert.deepEqual(await findings(clerk.page), [])

  await page.getByText('王芳 已签').waitFor() // live in the console
  await page.getByLabel('加一项').fill('店门钥匙')
  await page.getByRole('button', { name: '加一项' }).click()
  await page.getByText('王芳', { exact: false }).filter({ hasText: '的签名已作废' }).waitFor()
  await clerk.page.getByText('的签名已作废').waitFor()
  await page.getByRole('button', { name: '我已核对，签名' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '我已核对，签名' }).click()
  await page.getByText('周敏 已签').waitFor()
  await clerk.page.getByRole('button', { name: '我已核对，签名' }).click()
  await clerk.page.getByRole('dialog').getByRole('button', { name: '我已核对，签名' }).click()
  for (const p of [page, clerk.page]) await p.getByText('双方都已签名').waitFor()
  await shot(page, 'console-leaving-1280')
  assert.deepEqual(await findings(page), [])

  await clerk.page.goto('/app/members/' + member.id)
  await clerk.page.getByRole('button', { name: '看全号' }).click()
  await clerk.page.locator('.van-popup').getByRole('button', { name: '看全号' }).click()
  await clerk.page.getByText('您在离职交接期').waitFor()
  assert.equal(await clerk.page.getByText('13911110001').count(), 0)
  await page.goto('/console/staff')
  await page.getByText('离职交接期').first().waitFor()
  assert.deepEqual(clerk.faults, [])
  assert.deepEqual(manager.faults, [])
  await clerk.context.close()
  await manager.context.close()
})

test('the leaving screen fits a small phone in both languages', async () => {
  const { context, page, faults } = await phone(browser, world, { patience: 20_000, context: { viewport: { width: 320, height: 640 } } })
  await signIn(page, '13800000011', password)
  await page.goto('/app/leaving')
  await page.getByText('会员档案补齐').waitFor()
  assert.equal(await tooWide(page), 0)
  await shot(page, 'clerk-leaving-320')
  await page.goto('/app/me')
  await page.getByRole('button', { name: 'English', exact: true }).click()
  await page.goto('/app/leaving')
  await page.getByText('Promises to members').waitFor()
  assert.equal(await tooWide(page), 0)
  await shot(page, 'clerk-leaving-320-en')
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('a substitute sees the chats live, writes on behalf of, and loses them when it is ended', async () => {
  const owner = house.owner
  await world.call(world.url + `/api/staff/${house.clerk.staff.id}/leaving`, { method: 'DELETE', headers: owner.headers })
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const mother = await world.person('小宝妈')
  await mother.scan(code.url)
  await mother.say('纸尿裤到货了吗？')
  await world.settle()
  const li = await phone(browser, world, { patience: 20_000 })
  await signIn(li.page, '13800000012', password)
  await li.page.getByText('还没有会话').waitFor()

  const { context, page, faults } = await desk(browser, world, '13800000010')
  await page.getByRole('link', { name: '代班', exact: true }).click()
  await page.getByText('这四周没有代班').waitFor()
  await page.getByRole('button', { name: '安排代班' }).click()
  await choose(page, '#sub-clerk', '王芳')
  await choose(page, '#sub-substitute', '李娜')
  await shot(page, 'console-substitute-add')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('李娜 代 王芳').waitFor()
  await page.getByText('进行中').waitFor()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await shot(page, 'console-substitutes-1280')
  assert.deepEqual(await findings(page), [])

  await page.getByRole('button', { name: '安排代班' }).click() // the same two again
  await choose(page, '#sub-clerk', '王芳')
  await choose(page, '#sub-substitute', '李娜')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('这两个人在这段时间已经有代班了').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: '取消' }).click()

  await li.page.getByText(/王芳休假，您代班到/).waitFor()
  const row = li.page.locator('.row', { hasText: '纸尿裤到货了吗？' })
  await row.getByText('代王芳').waitFor()
  await shot(li.page, 'clerk-substitute-390')
  assert.deepEqual(await findings(li.page), [])
  await row.getByRole('button').click()
  await li.page.getByPlaceholder('写回复').fill('到了，我替王芳给您留两包')
  await li.page.getByRole('button', { name: '发送', exact: true }).click()
  await until('the answer on the phone', async () => (await mother.inbox()).some((m) => m.text === '到了，我替王芳给您留两包'))
  await li.page.locator('.line.ours', { hasText: '到了，我替王芳' }).getByText('代王芳').waitFor()
  await shot(li.page, 'clerk-substitute-chat-390')

  await page.setViewportSize({ width: 390, height: 844 })
  assert.equal(await tooWide(page), 0)
  await shot(page, 'console-substitutes-390')
  await page.getByRole('button', { name: /提前结束：李娜代王芳/ }).click()
  await page.locator('.el-message-box').getByRole('button', { name: '提前结束' }).click()
  await until('the chat to go', async () => (await li.page.getByText('会员已转走').count()) > 0)
  await li.page.goto('/app/chats')
  await li.page.getByText('还没有会话').waitFor()
  assert.equal(await li.page.getByText(/您代班到/).count(), 0)
  assert.deepEqual(faults, [])
  assert.deepEqual(li.faults, [])
  await li.context.close()
  await context.close()
})
