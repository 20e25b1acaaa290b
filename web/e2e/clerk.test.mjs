import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, phone, signIn } from './browser.mjs'
import { World, chain, password, until } from './world.mjs'

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

const texts = async (person) => (await person.inbox()).map((m) => m.text).filter(Boolean)
const write = async (page, text) => {
  await page.getByPlaceholder('写回复').fill(text)
  await page.getByRole('button', { name: '发送', exact: true }).click()
}

test('a member scans, appears live, is answered, and the answer arrives; the sixth waits until he writes again', async () => {
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  await page.getByText('还没有会话').waitFor()

  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const mother = await world.person('豆豆妈')
  await mother.scan(code.url)
  await page.getByText('[动态]').waitFor() // without a reload
  await mother.say('待产包要准备什么？')
  await page.getByText('待产包要准备什么？').click()
  await page.getByText('还可发 5 条').waitFor()

  await write(page, '我发您一份清单 😊')
  await until('the answer at the member', async () => (await texts(mother)).includes('我发您一份清单 😊'))
  await page.getByText('已发送').waitFor()

  for (const n of [2, 3, 4, 5]) await write(page, `第 ${n} 条`)
  await page.getByText('微信现在不让主动发').waitFor()
  await write(page, '第 6 条')
  await page.getByText('待发：会员下次来消息时自动发出').waitFor()
  await until('the fifth', async () => (await texts(mother)).includes('第 5 条'))
  assert.ok(!(await texts(mother)).includes('第 6 条'))
  await mother.say('收到')
  await until('the sixth', async () => (await texts(mother)).includes('第 6 条'))
  await page.getByText('待发：').waitFor({ state: 'detached' })
  assert.deepEqual(faults, [])
  await context.close()
})

test('what is written without a network leaves once, in order, when it returns, even after a reload', async () => {
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const father = await world.person('果果爸爸')
  await father.scan(code.url)
  await father.say('有停车位吗')
  await page.getByText('有停车位吗').click()
  await page.getByText('还可发').waitFor()
  await page.evaluate(() => navigator.serviceWorker.ready)

  await context.setOffline(true)
  await write(page, '有的，地下两层')
  await write(page, '消费满百免两小时')
  await page.getByText('等联网后发出').first().waitFor()
  await page.getByText('没有网络。有 2 条消息等联网后自动发出。').waitFor()
  await page.getByPlaceholder('写回复').fill('还在写的')
  await page.reload() // the shell comes from the phone
  await context.setOffline(false)
  await until('both', async () => (await texts(father)).length >= 2)
  await world.settle()
  assert.deepEqual(await texts(father), ['有的，地下两层', '消费满百免两小时'])
  assert.equal(await page.getByPlaceholder('写回复').inputValue(), '还在写的')
  assert.deepEqual(faults, [])
  await context.close()
})

test('the feed resumes after the program was away, and nothing is missed', async () => {
  const { context, page } = await phone(browser, world)
  await signIn(page, '13800000012', password)
  await page.getByText('还没有会话').waitFor()
  const code = await house.colleague.post('/api/codes', { kind: 'clerk' })
  const member = await world.person('安安妈')
  await member.scan(code.url)
  await page.getByText('[动态]').waitFor()
  await world.kill()
  await page.getByText('连接断开').waitFor()
  await member.say('停机时写的')
  await world.serve()
  await page.getByText('停机时写的').waitFor({ timeout: 40_000 })
  await page.getByText('连接断开').waitFor({ state: 'detached' })
  await context.close()
})

test('a session that ended meanwhile leads back to sign-in and then to where one was, with the draft', async () => {
  const { context, page } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  await page.getByText('果果爸爸').or(page.locator('.row .open').first()).first().click()
  await page.getByPlaceholder('写回复').fill('没写完')
  const place = page.url()
  const other = await world.signIn('13800000011')
  await fetch(world.url + '/api/sessions', { method: 'DELETE', headers: other.headers })
  await page.getByLabel('手机号').waitFor()
  await page.getByLabel('手机号').fill('13800000011')
  await page.locator('input[name=password]').fill(password)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('button', { name: '以后再说' }).click()
  await page.waitForURL(place)
  assert.equal(await page.getByPlaceholder('写回复').inputValue(), '没写完')
  await context.close()
})
