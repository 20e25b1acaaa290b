import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, until } from './world.mjs'
import { tooWide } from './width.mjs'

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

const rooms = ['/', '/conversations', '/members', '/members/imports', '/requests', '/handovers', '/handovers/new', '/phrases', '/codes', '/staff', '/stores', '/account', '/audits']

test('the owner sees every room in both languages, without faults and without serious axe findings, on a desk and at 1024', async () => {
  const { context, page, faults } = await desk(browser, world, '13800000001')
  const found = []
  for (const language of ['中文', 'English']) {
    await page.getByRole('button', { name: language, exact: true }).click()
    for (const room of rooms) {
      await page.goto('/console' + room)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForTimeout(400) // what fades in is there
      for (const f of await findings(page)) found.push(`${language} ${room}: ${f}`)
    }
  }
  await page.setViewportSize({ width: 1024, height: 768 })
  for (const room of rooms) {
    await page.goto('/console' + room)
    await page.getByRole('heading', { level: 1 }).waitFor()
    const over = await tooWide(page)
    if (over > 0) found.push(`${room} is ${over} px too wide at 1024`)
  }
  assert.deepEqual(found, [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('a manager sees a new message live, answers it in her own name, and the answer arrives', async () => {
  const { context, page, faults } = await desk(browser, world, '13800000010')
  await page.goto('/console/conversations')
  await page.getByText('都回复了').waitFor()
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const mother = await world.person('豆豆妈')
  await mother.scan(code.url)
  await mother.say('店里有推车吗？')
  await world.settle()
  await page.locator('.row', { hasText: '店里有推车吗？' }).click()
  await page.getByPlaceholder(/回复/).fill('有的，明天给您留一台 <3')
  await page.getByRole('button', { name: '发送', exact: true }).click()
  await until('the answer on the phone', async () => (await mother.inbox()).some((m) => m.text === '有的，明天给您留一台 <3'))
  await page.locator('.bubble.out', { hasText: '周敏' }).waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('a leaving clerk is handed over and the handover is taken back', async () => {
  for (const [name, phone] of [['甲', '13911110001'], ['乙', '13911110002']]) await house.clerk.post('/api/members', { name, phone })
  const { context, page, faults } = await desk(browser, world, '13800000010')
  await page.goto('/console/handovers/new')
  await page.locator('#from').click()
  await page.locator('.el-select-dropdown__item:visible', { hasText: '王芳' }).click()
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByRole('button', { name: '选本店全部在岗店员' }).click()
  await page.getByRole('button', { name: '看结果' }).click()
  await page.getByText('现在还什么都没有变').waitFor()
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '执行交接' }).click()
  const ask = page.getByRole('dialog')
  await ask.getByText('以后不能登录').waitFor()
  await ask.getByRole('button', { name: '执行交接' }).click()
  await page.getByRole('button', { name: '撤销整批交接' }).waitFor()
  const moved = await house.owner.get('/api/members?q=' + encodeURIComponent('甲'))
  assert.equal(moved.items[0].clerk_id, house.colleague.staff.id)
  await page.getByRole('button', { name: '撤销整批交接' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '撤销整批交接' }).click()
  await page.getByText('已撤销').first().waitFor()
  const back = await house.owner.get('/api/members?q=' + encodeURIComponent('甲'))
  assert.equal(back.items[0].clerk_id, house.clerk.staff.id)
  assert.deepEqual(faults, [])
  await context.close()
})

test('a table of members is looked at, taken in, and the refused rows are offered', async () => {
  const { context, page, faults } = await desk(browser, world, '13800000010')
  await page.goto('/console/members/imports')
  const csv = '姓名,手机号\n丙,13922220001\n丁,不是号码\n'
  await page.locator('input[type=file]').setInputFiles({ name: 'members.csv', mimeType: 'text/csv', buffer: Buffer.from('\ufeff' + csv) })
  await page.getByText('共 2 行').waitFor()
  await page.getByRole('button', { name: '开始导入' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '开始导入' }).click()
  await page.getByText('已读 2 / 2 行：新增 1，补充 0，未导入 1').waitFor()
  await page.getByRole('link', { name: '下载未导入的行' }).first().waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('roles: a manager has no account settings or audit log, and a clerk is sent to the phone app', async () => {
  const { context, page } = await desk(browser, world, '13800000010')
  assert.equal(await page.getByRole('link', { name: '操作记录' }).count(), 0)
  await page.goto('/console/audits')
  await page.getByRole('heading', { level: 1 }).waitFor()
  assert.ok(!page.url().includes('audits'))
  await context.close()
  const clerk = await desk(browser, world, '13800000012')
  await clerk.page.getByText('店员请用手机端').waitFor()
  await clerk.context.close()
})
