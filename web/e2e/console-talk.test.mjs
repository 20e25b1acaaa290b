import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, until } from './world.mjs'

let world, house, browser, mother
before(async () => {
  world = await World.start()
  house = await chain(world)
  const change = { method: 'PATCH', headers: { ...house.owner.headers, 'Content-Type': 'application/json' }, body: JSON.stringify({ wait_amber_minutes: 1, wait_red_minutes: 90 }) }
  await fetch(world.url + '/api/account', change)
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  mother = await world.person('豆豆妈')
  await mother.scan(code.url)
  await mother.say('奶粉到货了吗')
  await world.settle()
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const manager = '13800000010'

test('a manager reads, takes over, notes, answers and gives the member to another clerk', async () => {
  const { page, context, faults, pick, dialog, said } = await desk(browser, world, manager, { path: '/conversations' })
  await page.locator('.row', { hasText: '奶粉到货了吗' }).click()
  await page.locator('.bubble.in', { hasText: '奶粉到货了吗' }).waitFor()
  await page.getByText('店员 王芳').waitFor()

  await page.locator('.composer').getByText('内部备注').click()
  await page.getByLabel('内部备注', { exact: true }).last().fill('她要二段的')
  await page.getByRole('button', { name: '保存备注' }).click()
  await page.locator('.bubble', { hasText: '她要二段的' }).getByText('内部备注').waitFor()
  assert.ok(!(await mother.inbox()).some((m) => m.text === '她要二段的'), 'a note never leaves the house')

  await page.getByRole('button', { name: '接管' }).click()
  await dialog('今天接管').getByText('明天自动恢复原样').waitFor()
  assert.deepEqual(await findings(page), [])
  await dialog('今天接管').getByRole('button', { name: '接管' }).click()
  await said('今天由您一起接待')
  await page.locator('.composer').getByText('回复会员').click()
  await page.getByPlaceholder(/回复 豆豆妈|回复/).last().fill('到了，给您留两罐')
  await page.keyboard.press('Control+Enter')
  await until('the answer on the phone', async () => (await mother.inbox()).some((m) => m.text === '到了，给您留两罐'))
  await page.locator('.bubble.out', { hasText: '到了，给您留两罐' }).getByText('周敏').waitFor()
  await page.locator('.bubble.out', { hasText: '到了，给您留两罐' }).getByText('已发出').waitFor()

  await page.getByRole('button', { name: '转给别人' }).click()
  await pick('#assign-to', '李娜')
  assert.deepEqual(await findings(page), [])
  await dialog('转给').getByRole('button', { name: '转过去' }).click()
  await page.getByText('店员 李娜').waitFor()
  const { items } = await house.owner.get('/api/members?clerk_id=' + house.colleague.staff.id)
  assert.equal(items.length, 1)
  await mother.say('好的，谢谢')
  await world.settle()
  await page.locator('.row', { hasText: '好的，谢谢' }).waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('the overview counts live, and its charts go by store', async () => {
  const { page, context, faults, pick } = await desk(browser, world, '13800000001')
  const tile = (name) => page.locator('.tile', { hasText: name }).locator('b')
  const before = Number(await tile('会员来信').innerText())
  await mother.say('再问一句')
  await until('one more message, live', async () => Number(await tile('会员来信').innerText()) === before + 1)
  await page.locator('[role=img]').waitFor()
  await page.getByText('会员', { exact: true }).last().waitFor()
  const asked = page.waitForRequest((r) => r.url().includes('/api/reports/days?store_id=' + house.store.id))
  await pick(page.getByRole('combobox', { name: '选择门店' }), '中山路店')
  await asked
  await page.getByRole('heading', { level: 1, name: '中山路店' }).waitFor()
  for (const group of ['会员', '答复速度']) await page.locator('.el-radio-button', { hasText: group }).click()
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('who waits for too long is told of to his clerk, then to the manager, and stands first', async () => {
  const { page, context, faults } = await desk(browser, world, manager, { path: '/conversations' })
  await page.locator('.row', { hasText: '豆豆妈' }).or(page.locator('.row', { hasText: '未留名' })).first().waitFor()
  await until('the clerk is warned', () => page.getByText(/已提醒 李娜/).waitFor({ timeout: 1_000 }).then(() => true), 120_000)
  await page.locator('h2.amber').waitFor()

  // The second step is set near: the same wait is now long enough for the manager.
  const calm = await world.person('刚来的')
  await calm.scan((await house.clerk.post('/api/codes', { kind: 'clerk' })).url)
  await calm.say('在吗')
  await world.settle()
  await fetch(world.url + '/api/account', { method: 'PATCH', headers: { ...house.owner.headers, 'Content-Type': 'application/json' }, body: JSON.stringify({ wait_red_minutes: 2 }) })
  await until('the manager is warned', () => page.getByText(/已提醒 李娜、店长周敏/).waitFor({ timeout: 1_000 }).then(() => true), 120_000)
  await page.reload()
  await page.locator('h2.red').waitFor()
  const order = await page.locator('.list h2').allInnerTexts()
  assert.ok(order[0].includes('等得太久'), order.join())
  assert.ok((await page.locator('.row').first().innerText()).includes('再问一句'))
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('a manager listens to what a member said into her phone', async () => {
  const father = await world.person('果果爸爸')
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  await father.scan(code.url)
  await father.send('voice')
  await world.settle()
  const { page, context, faults } = await desk(browser, world, manager, { path: '/conversations' })
  await page.locator('.row', { hasText: '[语音]' }).click()
  await page.getByRole('button', { name: /▶ 语音 \d+ 秒/ }).click()
  await page.getByRole('button', { name: '▶ 语音 2 秒' }).waitFor() // counted by its frames, so it was decoded and has ended
  assert.equal(await page.getByText('这段语音放不出来').count(), 0)
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})
