// What is typed while an earlier answer is still on its way is neither lost nor sent with it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, until } from './world.mjs'

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

const manager = '13800000010'

/** The server does what it is asked to, and its answer to the first such call comes when it is let go. */
async function held(page, method, path) {
  let release
  const gate = new Promise((go) => (release = go))
  let first = true
  await page.route((url) => path.test(url.pathname), async (route) => {
    if (route.request().method() !== method || !first) return route.continue()
    first = false
    const answer = await route.fetch()
    await gate
    await route.fulfill({ response: answer })
  })
  return release
}

test('a second tag is typed while the feed shows the first and its answer is not there yet', async () => {
  await house.clerk.post('/api/members', { name: '林小雨', phone: '13912345678' })
  const { page, context, faults } = await desk(browser, world, manager, { path: '/members' })
  await page.getByRole('button', { name: '林小雨' }).click()
  const drawer = page.locator('.el-drawer')
  const release = await held(page, 'PATCH', /\/tags$/)
  const field = drawer.getByPlaceholder('输入标签')
  await field.fill('VIP')
  await field.press('Enter')
  await drawer.getByText('VIP', { exact: true }).waitFor() // told of by the feed
  await field.fill('爱团购')
  await field.press('Enter')
  release()
  await drawer.getByRole('button', { name: '去掉标签 爱团购' }).waitFor()
  assert.equal(await field.inputValue(), '')

  const note = await held(page, 'POST', /\/notes$/)
  const words = drawer.getByPlaceholder('写给同事看的')
  await words.fill('对乳糖不耐受')
  await drawer.getByRole('button', { name: '保存备注' }).click()
  await words.fill('下周再问推车')
  note()
  await drawer.getByText('对乳糖不耐受').waitFor()
  assert.equal(await words.inputValue(), '下周再问推车')
  assert.deepEqual(faults, [])
  await context.close()
})

test('a reply whose answer is late leaves what was typed behind it, and does not come back when its chat was left', async () => {
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const mothers = []
  for (const name of ['豆豆妈', '果果妈']) {
    const mother = await world.person(name)
    await mother.scan(code.url)
    await mother.say(name + '问一句')
    mothers.push(mother)
  }
  await world.settle()
  const { page, context, faults } = await desk(browser, world, manager, { path: '/conversations' })
  const reply = page.getByPlaceholder(/回复/)
  const send = page.getByRole('button', { name: '发送', exact: true })
  const row = (text) => page.locator('.row', { hasText: text })

  await page.getByText('全部', { exact: true }).click() // who is answered stays in the list
  await row('豆豆妈问一句').click()
  let release = await held(page, 'POST', /\/messages$/)
  await reply.fill('在的')
  await send.click()
  await reply.fill('在的，下午来吧')
  release()
  await until('the answer on the phone', async () => (await mothers[0].inbox()).some((m) => m.text === '在的'))
  await until('the rest in the field', async () => (await reply.inputValue()) === '，下午来吧')

  await row('果果妈问一句').click()
  await page.unrouteAll()
  release = await held(page, 'POST', /\/messages$/)
  await reply.fill('马上看')
  await send.click()
  await until('the second answer on the phone', async () => (await mothers[1].inbox()).some((m) => m.text === '马上看'))
  await row('在的').click()
  await until('the other chat', async () => (await reply.inputValue()) === '，下午来吧')
  const answered = page.waitForResponse((r) => r.request().method() === 'POST' && /\/messages$/.test(new URL(r.url()).pathname))
  release()
  await (await answered).finished()
  await row('马上看').click()
  await until('an empty field', async () => (await reply.inputValue()) === '')
  assert.deepEqual(faults, [])
  await context.close()
})
