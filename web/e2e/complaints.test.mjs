// A complaint from the owner's note to its end. Clerks and managers have neither the room nor the tab.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain } from './world.mjs'

let world, house, browser
before(async () => {
  world = await World.start()
  house = await chain(world)
  await house.clerk.post('/api/members', { name: '林小雨', phone: '13912345678' })
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

test('the owner writes a complaint down, finds it by when it is due, and settles it', async () => {
  const { page, context, faults, dialog, said } = await desk(browser, world, '13800000001', { path: '/members' })
  await page.getByRole('button', { name: '林小雨' }).click()
  const drawer = page.locator('.el-drawer')
  await drawer.getByRole('tab', { name: '投诉' }).click()
  await drawer.getByText('他没有待处理的投诉').waitFor()
  await drawer.getByLabel('记一条投诉').fill('等了一个小时没有人理我')
  await drawer.getByText('到店', { exact: true }).click()
  assert.deepEqual(await findings(page), [])
  await drawer.getByRole('button', { name: '记下来' }).click()
  await said('已记下')
  await drawer.locator('li', { hasText: '等了一个小时没有人理我' }).getByText('到店').waitFor()

  await page.goto(world.url + '/console/complaints')
  const row = page.locator('tr', { hasText: '等了一个小时没有人理我' })
  await row.getByText('王芳').waitFor()
  assert.deepEqual(await findings(page), [])
  await row.getByRole('button', { name: '处理完了' }).click()
  const closing = dialog('林小雨 的投诉')
  await closing.getByLabel('怎么处理的').fill('店长上门致歉，送了礼品')
  assert.deepEqual(await findings(page), [])
  await closing.getByRole('button', { name: '处理完了' }).click()
  await said('已记为处理完')
  await page.getByText('没有待处理的投诉').waitFor()
  await page.getByText('已处理', { exact: true }).click()
  await page.getByText('处理结果：店长上门致歉，送了礼品').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('a manager has neither the room nor the tab', async () => {
  const { page, context } = await desk(browser, world, '13800000010', { path: '/members' })
  assert.equal(await page.getByRole('link', { name: '投诉' }).count(), 0)
  await page.getByRole('button', { name: '林小雨' }).click()
  const drawer = page.locator('.el-drawer')
  await drawer.getByRole('tab', { name: '授权' }).waitFor()
  assert.equal(await drawer.getByRole('tab', { name: '投诉' }).count(), 0)
  await context.close()
})
