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

/** A member who has written to the clerk, and his conversation. */
async function talk(name) {
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const person = await world.person(name)
  await person.scan(code.url)
  await person.say('我是' + name)
  const { items } = await until('the conversation', async () => {
    const list = await house.clerk.get('/api/conversations?queue=mine&limit=100')
    return list.items.some((c) => c.last_message.text === '我是' + name) && list
  })
  return { person, id: items.find((c) => c.last_message.text === '我是' + name).id }
}

const box = (page) => page.getByPlaceholder('写回复')
const kept = (id) => house.clerk.get(`/api/conversations/${id}/draft`)

test('what is typed on one phone stands in the list and in the chat of the other, and is gone there when it was sent', async () => {
  const { person, id } = await talk('两部手机')
  const [one, two] = [await phone(browser, world), await phone(browser, world)]
  await signIn(one.page, '13800000011', password)
  await signIn(two.page, '13800000011', password)
  await one.page.getByText('我是两部手机').click()
  await box(one.page).fill('好的，我帮您留')
  await two.page.getByText('[草稿]').waitFor()
  await two.page.getByText('好的，我帮您留').click()
  await until('the draft on the other phone', async () => (await box(two.page).inputValue()) === '好的，我帮您留')

  await box(two.page).fill('好的，我帮您留一件') // while the chat is open on both
  await until('the change on the first', async () => (await box(one.page).inputValue()) === '好的，我帮您留一件')
  await one.page.getByRole('button', { name: '发送', exact: true }).click()
  await until('the empty box on the other', async () => (await box(two.page).inputValue()) === '')
  await until('nothing on the server', async () => (await kept(id)).version === 0)
  await until('the answer', async () => (await person.inbox()).some((m) => m.text === '好的，我帮您留一件'))
  await two.page.goBack()
  await two.page.getByText('好的，我帮您留一件').waitFor()
  assert.equal(await two.page.getByText('[草稿]').count(), 0)
  assert.deepEqual([...one.faults, ...two.faults], [])
  await one.context.close()
  await two.context.close()
})

test('typed on both phones without a network, both texts are there on both, and it is said', async () => {
  const { id } = await talk('没有网络')
  const [one, two] = [await phone(browser, world), await phone(browser, world)]
  for (const { page, context } of [one, two]) {
    await signIn(page, '13800000011', password)
    await page.goto('/app/chats/' + id)
    await page.getByText('还可发').waitFor()
    await context.setOffline(true)
  }
  await box(one.page).fill('第一部写的')
  await box(two.page).fill('第二部写的')
  await one.context.setOffline(false)
  await until('the first on the server', async () => (await kept(id)).text === '第一部写的')
  await two.context.setOffline(false)
  const both = '第一部写的\n第二部写的'
  await two.page.getByText('另一台设备上也写了草稿').waitFor()
  for (const { page } of [one, two]) await until('both texts', async () => (await box(page).inputValue()) === both)
  assert.equal((await kept(id)).text, both)
  await one.context.close()
  await two.context.close()
})

test('a draft outlives a sign-out, which leaves nothing of it on the phone, and a note is never mixed with a reply', async () => {
  const { id } = await talk('换班了')
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  await page.goto('/app/chats/' + id)
  await box(page).fill('写到一半')
  await page.getByLabel('更多').click()
  await page.getByRole('button', { name: '写备注' }).click()
  await page.getByPlaceholder('写给同事看的备注').fill('这位很会砍价')
  await page.goto('/app/chats/' + id)
  await until('the reply', async () => (await box(page).inputValue()) === '写到一半')
  await page.getByLabel('更多').click()
  await page.getByRole('button', { name: '写备注' }).click()
  assert.equal(await page.getByPlaceholder('写给同事看的备注').inputValue(), '这位很会砍价')
  await page.getByRole('button', { name: '存备注' }).click()
  assert.equal(await box(page).inputValue(), '写到一半')

  await page.goto('/app/me')
  await page.getByText('退出登录').click()
  await page.getByRole('button', { name: '确认' }).click()
  await page.getByLabel('手机号').waitFor()
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('liuke.draft.'))), [])
  await signIn(page, '13800000011', password)
  await page.getByText('写到一半').click()
  await until('the draft', async () => (await box(page).inputValue()) === '写到一半')
  assert.deepEqual(faults, [])
  await context.close()
})
