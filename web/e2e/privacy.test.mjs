// What a member may ask of his data: all of it in one file, and that it is erased, from his page to the certificate.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, until } from './world.mjs'
import { unzip } from './zip.mjs'

let world, house, browser, person, member
before(async () => {
  world = await World.start()
  house = await chain(world)
  member = await house.clerk.post('/api/members', { name: '林小雨', phone: '13912345678' })
  await house.clerk.post(`/api/members/${member.id}/notes`, { text: '对乳糖不耐受' })
  person = await world.person('林小雨')
  await person.scan((await house.clerk.post('/api/codes', { kind: 'member', member_id: member.id })).url)
  await world.settle()
  await person.say('请把我的资料删掉')
  await world.settle()
  await until('the message', async () => (await house.clerk.get('/api/conversations?queue=mine')).items[0]?.last_message?.text === '请把我的资料删掉')
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

/** Opens the rights tab of the member. */
async function rights(page) {
  await page.getByRole('button', { name: '林小雨' }).click()
  const drawer = page.locator('.el-drawer')
  await drawer.getByRole('tab', { name: '资料权利' }).click()
  await drawer.getByRole('button', { name: '导出资料' }).waitFor()
  return drawer
}

test('the owner sets how long data is kept after an unfollow', async () => {
  const { page, context, faults, said, dialog } = await desk(browser, world, '13800000001', { path: '/account' })
  const card = page.locator('section.card', { hasText: '取消关注后资料保留多久' })
  await card.getByText('取消关注 90 天后自动抹除').waitFor()
  await card.getByLabel('天').fill('30')
  await card.getByRole('button', { name: '保存' }).click()
  await dialog('缩短保留时间？').getByRole('button', { name: '保存' }).click()
  await said('保留时间已保存')
  await card.getByText('取消关注 30 天后自动抹除').waitFor()
  await page.reload()
  await card.getByText('取消关注 30 天后自动抹除').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('a manager takes all of a member along in a file, with a reason', async () => {
  const { page, context, faults, said, dialog, download } = await desk(browser, world, '13800000010', { path: '/members' })
  const drawer = await rights(page)
  await drawer.getByRole('button', { name: '导出资料' }).click()
  const asking = dialog('导出 林小雨 的全部资料')
  await asking.getByText('书面', { exact: true }).click()
  assert.deepEqual(await findings(page), [])
  const { name, bytes } = await download(() => asking.getByRole('button', { name: '导出资料' }).click())
  await said('已导出')
  assert.equal(name, 'member.zip')
  const { tables } = JSON.parse(unzip(bytes, 'member.json'))
  assert.equal(tables.members[0].name, '林小雨')
  assert.equal(tables.members[0].phone, '139****5678')
  assert.equal(tables.member_notes[0].text, '对乳糖不耐受')
  assert.ok(tables.messages.some((m) => m.text === '请把我的资料删掉'))
  assert.deepEqual(faults, [])
  await context.close()
})

test('the owner erases a member and finds the certificate afterwards', async () => {
  const { page, context, faults, said, dialog } = await desk(browser, world, '13800000001', { path: '/members' })
  const drawer = await rights(page)
  await drawer.getByRole('button', { name: '抹除资料' }).click()
  const asking = dialog('抹除 林小雨 的资料')
  const go = asking.getByRole('button', { name: '抹除，不能恢复' })
  await asking.getByText('会员本人要求', { exact: true }).click()
  await asking.getByText('微信', { exact: true }).click()
  assert.ok(await go.isDisabled(), 'not without the word')
  await asking.getByLabel('确认请输入“抹除”').fill('抹除')
  assert.deepEqual(await findings(page), [])
  await go.click()
  await said('已开始抹除')
  await page.getByRole('heading', { level: 1, name: '正在抹除' }).waitFor()
  await page.getByRole('heading', { level: 1, name: '抹除证明' }).waitFor({ timeout: 60_000 })
  await page.getByText('会员本人要求（微信提出）').waitFor()
  await page.locator('tr', { hasText: '聊天消息' }).getByText('删除', { exact: true }).waitFor()
  await page.getByText('法律要求保留的消费记录').waitFor()
  const text = await page.locator('.page').innerText()
  for (const word of ['林小雨', '13912345678', '5678', '乳糖', member.id, person.openid]) assert.ok(!text.includes(word), word)
  assert.deepEqual(await findings(page), [])
  const here = page.url()

  await page.goto(world.url + '/console/members')
  await page.getByText('还没有会员').first().waitFor()
  await page.getByRole('button', { name: '导入 / 导出' }).click()
  await page.locator('.el-dropdown-menu__item:visible', { hasText: '抹除记录和证明' }).click()
  const row = page.locator('tr', { hasText: '会员本人要求' })
  await row.getByText('已抹除', { exact: true }).waitFor()
  await row.getByText('陈国栋').waitFor()
  assert.deepEqual(await findings(page), [])
  await row.getByRole('button').first().click()
  await page.waitForURL(here)

  await person.say('我又来了')
  await world.settle()
  const again = await until('somebody new', async () => (await house.owner.get('/api/members')).items[0])
  assert.notEqual(again.id, member.id)
  assert.equal(again.name, '')
  assert.deepEqual(faults, [])
  await context.close()
})
