// A clerk receives another one's members: the news, the to-dos, the chat from its first message, the introduction.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { handOver, serve } from './duty.mjs'
import { World, chain, password, until } from './world.mjs'
import { tooWide } from './width.mjs'

const shots = process.env.SHOTS
let world, house, browser, served
before(async () => {
  world = await World.start()
  house = await chain(world)
  served = await serve(world, house)
  browser = await launch()
  if (shots) await mkdir(shots, { recursive: true })
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const shot = (page, name) => shots && page.screenshot({ path: join(shots, name + '.png') })
const names = (page) => page.locator('article .who b').allTextContents()
const quiet = (page) => page.locator('.van-toast').waitFor({ state: 'hidden' })
const row = (page, name) => page.getByRole('article', { name })
const dayAfter = (days) => new Date(Date.now() + days * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10)

test('who receives members is told live, works off her to-dos, and begins each chat where it began', async () => {
  const { context, page, faults } = await phone(browser, world, { patience: 20_000 })
  await signIn(page, '13800000012', password)
  await page.getByText('还没有会话').waitFor()
  assert.equal(await page.getByText(/您收到了/).count(), 0)
  await handOver(house)

  await page.getByRole('heading', { name: '您收到了 4 位会员' }).waitFor() // live, in the feed
  await page.getByText('由 王芳 交接给您，还有 4 位要首次联系').waitFor()
  await page.locator('.row', { hasText: '林小雨' }).waitFor()
  await shot(page, 'received-390')
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '看看他们' }).click()

  // A before B before C, two a day; those of tomorrow stand here too.
  await row(page, '没来过').waitFor()
  const order = await names(page)
  assert.deepEqual(order.slice(0, 2), ['林小雨', '周婷'])
  assert.deepEqual(order.slice(2).sort(), ['何静', '没来过'].sort())
  await row(page, '林小雨').getByText('A 级').waitFor()
  await shot(page, 'todos-390')
  assert.deepEqual(await findings(page), [])

  // The chat begins at its beginning, with the earlier clerk's name on what she wrote.
  await row(page, '林小雨').locator('.who').click()
  await page.getByText('由 王芳 交接给您，从第一条消息看起').waitFor()
  const log = page.getByRole('log')
  await log.getByText('宝宝四个月，晚上老醒').waitFor()
  assert.equal(await log.evaluate((e) => e.scrollTop), 0)
  const answer = log.locator('.line.ours', { hasText: '四个月夜里醒两三次很常见' })
  await answer.getByText('王芳', { exact: true }).waitFor()
  assert.equal(await log.getByText('王姐您看这样够吗？').count(), 0)
  const unread = async () => (await house.colleague.get('/api/conversations/' + served.chat)).unread
  assert.ok((await unread()) > 0, 'what was not shown yet is not read')
  await shot(page, 'chat-first-390')
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '到最新' }).click()
  await log.getByText('王姐您看这样够吗？').waitFor()
  await until('the rest to be read', async () => (await unread()) === 0)
  await page.getByText('返回').click()
  await row(page, '林小雨').locator('.who').click()
  await log.getByText('王姐您看这样够吗？').waitFor() // the second time at its end
  assert.equal(await page.getByRole('button', { name: '到最新' }).count(), 0)
  await page.getByText('返回').click()

  // The introduction is drafted, changed, and arrives.
  await row(page, '林小雨').getByRole('button', { name: '自我介绍' }).click()
  const sheet = page.getByRole('dialog')
  const draft = sheet.getByRole('textbox')
  await until('the draft', async () => (await draft.inputValue()).includes('李娜'))
  assert.match(await draft.inputValue(), /王芳/)
  await shot(page, 'introduction-390')
  assert.deepEqual(await findings(page), [])
  await draft.fill('林小雨您好，我是李娜，以后由我为您服务。')
  await sheet.getByRole('button', { name: '发出去' }).click()
  await until('the introduction on her phone', async () => (await served.people['林小雨'].inbox()).some((m) => m.text === '林小雨您好，我是李娜，以后由我为您服务。'))
  await row(page, '林小雨').getByText('已介绍自己').waitFor()
  assert.equal(await row(page, '林小雨').getByRole('button', { name: '自我介绍' }).count(), 0)
  assert.equal(await row(page, '没来过').getByRole('button', { name: '自我介绍' }).count(), 0, 'who has no chat cannot be written to')

  // One tap is a result; another day, and a note with it.
  await row(page, '林小雨').getByRole('button', { name: '联系上了', exact: true }).click()
  await row(page, '林小雨').waitFor({ state: 'detached' })
  await row(page, '周婷').getByRole('button', { name: '备注或推迟' }).click()
  await row(page, '周婷').getByLabel('备注').fill('下午才有空')
  await quiet(page)
  await shot(page, 'snooze-390')
  assert.deepEqual(await findings(page), [])
  await row(page, '周婷').getByRole('button', { name: '3 天后' }).click()
  await row(page, '周婷').getByText('备注：下午才有空').waitFor()
  assert.equal((await names(page)).at(-1), '周婷')
  const put = (await house.colleague.get('/api/todos')).items.find((i) => i.member_name === '周婷')
  assert.equal(new Date(Date.parse(put.due_at) + 8 * 3_600_000).toISOString().slice(0, 10), dayAfter(3))

  // What another device does stands here without a reload; a result may be taken back.
  const other = (await house.colleague.get('/api/todos')).items.find((i) => i.member_name === '没来过')
  await house.colleague.post(`/api/todos/${other.id}/done`, { result: 'no_answer' })
  await row(page, '没来过').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '已办' }).click()
  await row(page, '没来过').getByText('没联系上').waitFor()
  await row(page, '没来过').getByRole('button', { name: '改回未办' }).click()
  await row(page, '没来过').waitFor({ state: 'detached' })
  await row(page, '林小雨').getByText('联系上了').waitFor()
  await quiet(page)
  await shot(page, 'done-390')
  assert.deepEqual(await findings(page), [])

  // The news is put away, on the screen of all to-dos too.
  await page.getByText('返回').click()
  await page.getByText('由 王芳 交接给您，还有 3 位要首次联系').waitFor()
  await page.getByRole('link', { name: '待办' }).click()
  await page.getByRole('button', { name: '以后 3' }).waitFor()
  await row(page, '何静').waitFor() // nothing is due today: what is later is shown at once
  await quiet(page)
  await shot(page, 'all-todos-390')
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '知道了' }).click()
  await page.getByText(/您收到了/).waitFor({ state: 'detached' })
  assert.deepEqual(faults, [])
  await context.close()
})

test('the to-dos fit a small phone, in English', async () => {
  const { context, page, faults } = await phone(browser, world, { patience: 20_000, context: { viewport: { width: 320, height: 640 } } })
  await signIn(page, '13800000012', password)
  await page.goto('/app/me')
  await page.getByRole('button', { name: 'English', exact: true }).click()
  await page.goto('/app/todos')
  await page.getByRole('button', { name: /^Later/, pressed: true }).waitFor()
  await row(page, '周婷').getByRole('button', { name: 'Note or put off' }).click()
  await row(page, '周婷').getByRole('button', { name: 'In 7 days' }).waitFor()
  assert.equal(await tooWide(page), 0)
  await shot(page, 'todos-320-en')
  assert.deepEqual(await findings(page), [])
  await row(page, '周婷').getByRole('button', { name: 'Introduction' }).click()
  await page.getByRole('dialog').getByRole('textbox').waitFor()
  await shot(page, 'introduction-320-en')
  assert.equal(await tooWide(page), 0)
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})
