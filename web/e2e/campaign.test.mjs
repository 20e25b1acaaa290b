// A campaign from the segment to its result, as a manager and the owner have it in the console.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch } from './browser.mjs'
import { buy, crowd } from './campaign-world.mjs'
import { desk } from './desk.mjs'
import { World, chain, until } from './world.mjs'
import { tooWide } from './width.mjs'

let world, house, browser, c
before(async () => {
  world = await World.start()
  house = await chain(world)
  c = await crowd(world, house)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const [owner, manager] = ['13800000001', '13800000010']
const idOf = (page) => new URL(page.url()).pathname.split('/')[3]

test('a notice goes from its segment over the start sheet and the run to its result', async () => {
  const { page, context, faults, said, dialog } = await desk(browser, world, manager, { path: '/segments' })
  await page.getByRole('button', { name: '给“还没买过的妈妈”群发' }).click()
  await page.getByLabel('名称').fill('奶粉到货')
  await page.getByText('下面全部满足：消费次数最多 0 次，并且标签没有 同行').waitFor()
  await page.getByRole('region', { name: '现在有多少人' }).getByText('45 位会员').waitFor()

  // An offer goes by no service template, and the screen says so before the server does.
  const byTemplate = page.getByRole('checkbox', { name: /模板消息/ })
  assert.equal(await byTemplate.isDisabled(), true)
  await page.getByText('活动和优惠不能用模板消息').waitFor()
  await page.getByText('服务通知', { exact: true }).click()
  await byTemplate.check()
  await page.getByRole('checkbox', { name: /微信消息/ }).uncheck()
  await page.getByLabel('模板 ID').fill(c.template)
  await page.getByRole('textbox', { name: '内容' }).fill('{member}的奶粉')
  await page.getByRole('button', { name: '加一个字段' }).click()
  await page.getByLabel('字段名').nth(1).fill('thing2')
  await page.getByRole('textbox', { name: '内容' }).nth(1).fill('{memmber}来{store}拿')
  const call = page.getByLabel('店员打电话怎么说')
  await call.fill('告诉')
  await page.getByRole('group', { name: '插入：' }).getByRole('button', { name: '会员称呼' }).click()
  assert.equal(await call.inputValue(), '告诉{member}')
  await call.pressSequentially('奶粉到了')
  const preview = page.getByRole('region', { name: '会员看到的样子' })
  await preview.getByText(/的奶粉\n\{memmber\}来中山路店拿/).waitFor()
  await page.reload() // what was typed is still there
  await page.getByText('接着上次没保存的内容').waitFor()
  assert.equal(await page.getByLabel('店员打电话怎么说').inputValue(), '告诉{member}奶粉到了')
  await page.getByLabel('对照组').fill('20')
  await page.getByRole('button', { name: '存草稿' }).click()
  await page.locator('.el-form-item', { hasText: '第 2 个字段' }).getByText('有不认识的花括号内容').waitFor()
  assert.deepEqual(await findings(page), [])
  await page.getByRole('textbox', { name: '内容' }).nth(1).fill('请来{store}拿')
  await page.getByRole('button', { name: '存草稿' }).click()
  await said('草稿已保存')

  // The start sheet: by which channel, who is left out and why, and what some would read.
  await page.getByText('符合条件 45 位，能发到 43 位，2 位不发').waitFor()
  const line = (text) => page.locator('.lines li', { hasText: text })
  assert.match(await line('模板消息').innerText(), /3 位：服务通知，用模板发\s*3/)
  assert.match(await line('店员打电话').innerText(), /40 位：没有关注公众号\s*40/)
  assert.match(await line('不要收消息').innerText(), /1$/)
  assert.match(await line('正在等店员回复').innerText(), /1$/)
  await page.getByText('对照组：随机留出约 9 位（20%）不发').waitFor()
  await page.getByText('一位会员 30 天内最多收 4 次群发').waitFor()
  await preview.getByText(/告诉.+妈奶粉到了|的奶粉/).first().waitFor()
  assert.deepEqual(await findings(page), [])

  await page.getByRole('button', { name: '批准' }).click()
  await said('已批准')
  await page.getByRole('button', { name: '定时开始' }).click()
  await page.getByLabel('开始时间').fill('2020-01-01T10:00')
  await dialog('定时开始').getByText('这个时间已经过去').waitFor()
  assert.equal(await page.getByRole('button', { name: '定在这个时间' }).isDisabled(), true)
  await page.getByLabel('开始时间').fill(`${new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10)}T10:00`)
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '定在这个时间' }).click()
  await page.getByText('等开始').waitFor()
  await page.getByRole('button', { name: '退回草稿' }).click()
  await said('已退回草稿')
  await page.getByRole('button', { name: '批准' }).click()
  await page.getByRole('button', { name: '马上开始' }).click()
  await dialog('马上开始“奶粉到货”').getByText('已经发出的收不回来').waitFor()
  await dialog('马上开始“奶粉到货”').getByRole('button', { name: '马上开始' }).click()

  // By itself the page shows the run and its end.
  await page.getByText('已完成').first().waitFor({ timeout: 30_000 })
  const id = idOf(page)
  const { counts } = await house.owner.get('/api/campaigns/' + id)
  const n = (state) => counts.filter((x) => x.state === state).reduce((sum, x) => sum + x.count, 0)
  assert.ok(n('control') > 0 && n('task') > 0)
  assert.equal(counts.reduce((sum, x) => sum + x.count, 0), 45)
  // The lot decides first: who would be left out may be in the control group instead. Nobody else is left out.
  const why = { 何静: ['consent_withdrawn', '不要收消息'], 陈思涵: ['waits_for_answer', '正在等店员回复'] }
  const { items: everybody } = await house.owner.get(`/api/campaigns/${id}/recipients?limit=100`)
  const skipped = everybody.filter((r) => r.state === 'skipped')
  for (const r of skipped) assert.equal(r.reason, why[r.name]?.[0], r.name)
  for (const name of Object.keys(why)) assert.ok(['skipped', 'control'].includes(everybody.find((r) => r.name === name).state), name)
  const figure = (name) => page.locator('.counts div', { hasText: name }).locator('b')
  await until('the figures', async () => (await figure('电话待办').innerText()) === String(n('task')))

  // Who bought since.
  const { items } = await house.owner.get(`/api/campaigns/${id}/recipients?state=task&limit=100`)
  await buy(world, house, items.slice(0, 12).map((r) => c.phoneOf(r.name)))
  await page.reload()
  const chart = page.getByRole('img', { name: /14 天内购买：收到的 [1-9]\d?\.\d%，对照组 0\.0%，相差 \+/ })
  await chart.waitFor()
  await page.getByText(/收到的人里购买的多|购买的相差/).waitFor()
  assert.match(await page.locator('tr', { hasText: '14 天内购买' }).innerText(), /12（/)
  assert.deepEqual(await findings(page), [])

  await page.getByLabel('到哪一步').selectOption('control')
  await until('the control group alone', async () => {
    const rows = await page.locator('.el-table__row').allInnerTexts()
    return rows.length === Math.min(20, n('control')) && rows.every((r) => r.includes('对照组'))
  })
  await page.getByLabel('到哪一步').selectOption('skipped')
  await until('those left out, with why', async () => {
    const rows = await page.locator('.el-table__row').allInnerTexts()
    return rows.length === skipped.length && skipped.every((r) => rows.some((row) => row.includes(r.name) && row.includes(why[r.name][1])))
  })
  await page.setViewportSize({ width: 320, height: 700 })
  assert.equal(await tooWide(page), 0)
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('a run is paused, a member is left out, it goes on and is cancelled; who is quicker is told of', async () => {
  const body = { name: '新年问候', segment_id: c.segment, store_id: house.store.id, content: { purpose: 'notice', task: '祝{member}新年好' }, channels: ['task'], control: 0, outcome_days: 7 }
  const { id } = await house.owner.post('/api/campaigns', body)
  const { page, context, faults, dialog } = await desk(browser, world, owner, { path: `/campaigns/${id}/edit` })
  await page.getByRole('region', { name: '现在有多少人' }).locator('.number').waitFor()
  await page.getByLabel('名称').fill('新年问候（改）')
  await c.send(house.owner, 'PATCH', '/api/campaigns/' + id, { name: '元旦问候' })
  await page.getByRole('button', { name: '存草稿' }).click()
  await page.getByText('您修改期间，别人改过这个群发').waitFor()
  await page.getByRole('button', { name: '用他的' }).click()
  await until('their name', async () => (await page.getByLabel('名称').inputValue()) === '元旦问候')
  await page.getByRole('button', { name: '存草稿' }).click()
  await page.getByRole('heading', { name: '开始前看一看' }).waitFor()

  // Quiet hours hold everybody back, so that the run stands still where it can be seen.
  const now = new Date(Date.now() + 8 * 3_600_000) // Beijing
  const minute = now.getUTCHours() * 60 + now.getUTCMinutes()
  await c.send(house.owner, 'PUT', '/api/campaign_settings', { quiet_from: (minute + 1430) % 1440, quiet_to: (minute + 60) % 1440, cap: 0, cap_days: 0 })
  await page.reload()
  await page.getByText(/现在是安静时段：马上开始的话，\d\d:\d\d 才发出第一条/).waitFor()
  await page.getByRole('button', { name: '批准' }).click()
  await page.getByRole('button', { name: '马上开始' }).click()
  await dialog('马上开始“元旦问候”').getByRole('button', { name: '马上开始' }).click()
  await page.getByText('发送中').first().waitFor()
  await page.locator('.counts div', { hasText: '等着发' }).first().waitFor()
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '暂停' }).click()
  await dialog('暂停群发').getByText('之后可以从停下的地方继续').waitFor()
  await dialog('暂停群发').getByRole('button', { name: '暂停' }).click()
  await page.getByText('停下了：有人按了暂停').waitFor()
  const row = page.locator('.el-table__row', { hasText: '等着发' }).first()
  await row.getByRole('button', { name: '不发给他' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '不发给他' }).click()
  await page.locator('.el-table__row', { hasText: '店里不让发' }).waitFor()
  await page.getByRole('button', { name: '继续', exact: true }).click()
  await dialog('继续群发').getByRole('button', { name: '继续' }).click()
  await page.getByText('发送中').first().waitFor()
  await page.getByRole('button', { name: '取消群发' }).click()
  await dialog('取消“元旦问候”').getByRole('button', { name: '取消群发' }).click()
  await page.getByText('已取消').first().waitFor()
  await page.goto('/console/campaigns')
  await page.getByLabel('状态').selectOption('cancelled')
  await until('the cancelled one alone', async () => (await page.locator('.el-table__row').count()) === 1)
  await page.locator('.el-table__row', { hasText: '元旦问候' }).waitFor()
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('the owner sets the rules; a manager reads them, and head office\'s campaign', async () => {
  const { id } = await house.owner.post('/api/campaigns', { name: '总部的', segment_id: c.segment, content: { purpose: 'offer', text: '{member}您好', variants: { prospect: '新朋友好' }, mass: '各位好' }, channels: ['customer', 'mass'] })
  await c.send(house.owner, 'PUT', '/api/campaign_settings', { quiet_from: 60, quiet_to: 120, cap: 0, cap_days: 0 })
  const own = await desk(browser, world, owner, { path: '/campaigns/rules' })
  await own.page.getByLabel('从').fill('22:00')
  await own.page.getByLabel('到', { exact: true }).fill('08:30')
  assert.deepEqual(await findings(own.page), [])
  await own.page.getByRole('button', { name: '保存' }).click()
  await own.said('规则已保存')
  assert.deepEqual(await house.owner.get('/api/campaign_settings').then(({ quiet_from, quiet_to }) => [quiet_from, quiet_to]), [1320, 510])
  assert.deepEqual(own.faults, [])
  await own.context.close()
  const { page, context, faults } = await desk(browser, world, manager, { path: '/campaigns/rules' })
  await page.getByText('只有老板能改').waitFor()
  assert.equal(await page.getByLabel('从').isDisabled(), true)
  assert.equal(await page.getByRole('button', { name: '保存' }).count(), 0)
  await page.goto('/console/campaigns/' + id)
  await page.getByText('这是总部的群发').waitFor()
  assert.equal(await page.getByRole('button', { name: /批准|修改|取消群发/ }).count(), 0)
  await page.getByText('没有同意接收活动和优惠').waitFor()
  await page.getByText('今天还能交 100 个任务').waitFor()
  await page.getByText('5 位还有 4 次').waitFor()
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})
