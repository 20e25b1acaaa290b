// One phone on the counter, several clerks: nothing of one is sent or seen by the next.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, phone, signIn } from './browser.mjs'
import { World, chain, password, until } from './world.mjs'

let world, house, browser, mother, chat
before(async () => {
  world = await World.start()
  house = await chain(world)
  browser = await launch()
  mother = await world.person('豆豆妈')
  await mother.scan((await house.clerk.post('/api/codes', { kind: 'clerk' })).url)
  await mother.say('纸尿裤有货吗')
  await world.settle()
  chat = await until('the chat', async () => (await house.clerk.get('/api/conversations?queue=mine')).items[0]?.id)
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const wang = '13800000011'
/** Li Na signs in where somebody else is, by a code of her manager. */
const replace = async (page) => {
  const { url } = await house.owner.post(`/api/staff/${house.colleague.staff.id}/sign_in_code`)
  await page.goto(url)
  await page.getByRole('button', { name: '在这台手机上登录' }).click()
  await page.getByText('您还没有自己的密码').waitFor()
}
const leave = async (page) => {
  await page.goto('/app/me')
  await page.getByText('退出登录', { exact: true }).click()
  return page.getByRole('dialog', { name: '退出登录' })
}

test('who signs in in one window is the reader of the other, too', async () => {
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, wang, password)
  await page.getByText('纸尿裤有货吗').waitFor()
  const other = await context.newPage()
  await replace(other)
  await page.getByText('还没有会话').waitFor()
  await page.goto('/app/me')
  await page.getByRole('heading', { name: '李娜' }).waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('what a clerk left unsent waits for him: leaving says so, and a window that slept sends nothing in the next one’s name', async () => {
  const { context, page: asleep, faults } = await phone(browser, world)
  // Asleep, as phones put windows: it hears of no other window.
  await asleep.addInitScript(() => addEventListener('storage', (e) => e.stopImmediatePropagation(), true))
  await signIn(asleep, wang, password)
  const sends = (url) => url.pathname.endsWith(`/conversations/${chat}/messages`)
  await context.route(sends, (route) => (route.request().method() === 'POST' ? route.abort('internetdisconnected') : route.continue()))
  await asleep.goto('/app/chats/' + chat)
  await asleep.getByPlaceholder('写回复').fill('有货，给您留两包')
  await asleep.getByRole('button', { name: '发送', exact: true }).click()
  await asleep.locator('.ours', { hasText: '有货，给您留两包' }).waitFor()
  await asleep.getByLabel('更多').click()
  await asleep.getByRole('button', { name: '写备注' }).click()
  await asleep.getByPlaceholder('写给同事看的备注').fill('王芳没写完的备注')

  const awake = await context.newPage()
  const ask = await leave(awake)
  await ask.getByText('还有 1 条消息没发出').waitFor()
  await ask.getByText('还有 1 条备注没存').waitFor()
  await ask.getByRole('button', { name: '取消' }).click()
  await replace(awake)
  await context.unroute(sends)
  const foreign = []
  context.on('request', (r) => r.method() === 'POST' && sends(new URL(r.url())) && foreign.push(r.postData()))
  await asleep.evaluate(() => dispatchEvent(new Event('online')))
  await asleep.getByText('这位会员已不在您名下').first().waitFor()
  assert.equal(await asleep.getByText('有货，给您留两包').count(), 0)
  assert.deepEqual(foreign, [])
  await asleep.close()

  await (await leave(awake)).getByRole('button', { name: '确认' }).click()
  await awake.getByLabel('手机号').waitFor()
  await signIn(awake, wang, password)
  await until('what was left, on the phone', async () => (await mother.inbox()).some((m) => m.text === '有货，给您留两包'))
  await awake.goto('/app/chats/' + chat)
  await awake.getByLabel('更多').click()
  await awake.getByRole('button', { name: '写备注' }).click()
  assert.equal(await awake.getByPlaceholder('写给同事看的备注').inputValue(), '王芳没写完的备注')
  assert.deepEqual(faults, [])
  await context.close()
})
