// The list of chats that one comes back to, and Vant's own words in the language of the app.
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

test('whoever comes back from a chat finds the list where he left it', async () => {
  const { url } = await house.clerk.post('/api/codes', { kind: 'clerk' })
  for (let n = 1; n <= 24; n++) {
    const person = await world.person('客人' + n)
    await person.scan(url)
    await person.say(`第 ${n} 位的问题`)
  }
  await world.settle()
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  await page.getByText('第 20 位的问题').waitFor()
  const list = page.locator('.screen-body')
  const top = () => list.evaluate((el) => el.scrollTop)
  await list.evaluate((el) => (el.scrollTop = 700))
  await until('the list to stand', async () => (await top()) === 700)
  const seen = await page.locator('.row').evaluateAll((rows) => rows.findIndex((r) => r.getBoundingClientRect().top > 300))
  await page.locator('.row .open').nth(seen).click()
  await page.getByPlaceholder('写回复').waitFor()
  await page.getByText('返回').click()
  await page.locator('.row').first().waitFor()
  assert.equal(await top(), 700)
  assert.deepEqual(faults, [])
  await context.close()
})

test('Vant’s own words follow the language of the app, there and back', async () => {
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000012', password)
  await page.goto('/app/me')
  for (const [language, out, yes, no] of [['English', 'Sign out', 'Confirm', 'Cancel'], ['中文', '退出登录', '确认', '取消']]) {
    await page.getByRole('button', { name: language, exact: true }).click()
    await page.getByText(out, { exact: true }).click()
    const ask = page.getByRole('dialog', { name: out })
    await ask.getByRole('button', { name: yes, exact: true }).waitFor()
    await ask.getByRole('button', { name: no, exact: true }).click()
    await ask.waitFor({ state: 'hidden' })
  }
  assert.deepEqual(faults, [])
  await context.close()
})
