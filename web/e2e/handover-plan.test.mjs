// Handovers by hand and by file, their receipts, and the retry of what was not handed over.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, password, until } from './world.mjs'
import { unzip } from './zip.mjs'
import { tooWide } from './width.mjs'

let world, house, third, browser
const members = {}

before(async () => {
  world = await World.start()
  house = await chain(world)
  third = await house.owner.post('/api/staff', { name: '赵云', phone: '13800000013', password, role: 'clerk', store_id: house.store.id })
  for (const [i, name] of ['甲', '乙', '丙', '丁', '戊', '己'].entries()) {
    members[name] = (await house.clerk.post('/api/members', { name, phone: `1391111000${i}`, card_no: `K${i}` })).id
  }
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const owner = async (name) => (await house.owner.get('/api/members/' + members[name])).clerk_id

/** Opens the wizard for a move of 王芳's members, at its second step. */
async function wizard(options) {
  const d = await desk(browser, world, '13800000010', { path: '/handovers/new?from=' + house.clerk.staff.id, ...options })
  await d.page.locator('.kinds .el-radio').nth(1).click()
  await d.page.getByRole('button', { name: '下一步' }).click()
  return d
}

async function run(page) {
  await page.getByRole('button', { name: '看结果' }).click()
  await page.getByText('现在还什么都没有变').waitFor()
  await page.getByRole('button', { name: '执行交接' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '执行交接' }).click()
  await page.getByRole('button', { name: '撤销整批交接' }).waitFor()
}

test('a manager assigns some members by hand and all that a filter finds, on a phone as on a desk', async () => {
  const { context, page, faults, pick } = await wizard()
  await page.getByText('手动选', { exact: true }).click()
  await page.getByText('已分 0 位，还剩 6 位').waitFor()
  await page.locator('.el-table__row', { hasText: '甲' }).locator('.el-checkbox').click()
  await pick('#hand-to', '李娜')
  await page.getByRole('button', { name: '分给他' }).click()
  await page.getByText('已分 1 位，还剩 5 位').waitFor()
  await page.getByPlaceholder('姓名、拼音').fill('K1')
  await page.locator('.el-table__row', { hasText: '甲' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '选中筛选出的全部' }).click()
  await page.getByText('已选 1 位').waitFor()
  await pick('#hand-to', '赵云')
  await page.getByRole('button', { name: '分给他' }).click()
  await page.getByText('已分 2 位，还剩 4 位').waitFor()
  assert.deepEqual(await findings(page), [])
  await page.setViewportSize({ width: 390, height: 844 })
  assert.equal(await tooWide(page), 0)
  await page.setViewportSize({ width: 1280, height: 800 })
  await run(page)
  assert.equal(await owner('甲'), house.colleague.staff.id)
  assert.equal(await owner('乙'), third.id)
  assert.equal(await owner('丙'), house.clerk.staff.id)
  assert.deepEqual(faults, [])
  await context.close()
})

test('a file is read, its refused rows are told and kept, the good ones go on, and the receipt is a spreadsheet', async () => {
  const { context, page, faults, download } = await wizard()
  await page.getByText('用表格', { exact: true }).click()
  const template = await download(() => page.getByRole('button', { name: '下载空白模板' }).click())
  assert.equal(template.bytes.toString(), '\ufeff卡号,手机,接手导购\r\n')
  const table = template.bytes.toString() + 'K2,,李娜\r\n,13911110003,13800000012\r\nK9,,李娜\r\nK0,,李娜\r\nK2,,赵云\r\nK4,,=谁\r\n'
  await page.locator('input[type=file]').setInputFiles({ name: 'moves.csv', mimeType: 'text/csv', buffer: Buffer.from(table) })
  await page.getByText('共 6 行：2 行可以交接，4 行不行').waitFor()
  const rows = page.locator('.by-file tbody tr')
  assert.deepEqual(await rows.allInnerTexts(), [
    '4\tK9\t李娜\t没有找到这位会员',
    '5\tK0\t李娜\t这位会员不在他名下',
    '6\tK2\t赵云\t这位会员前面已经写过',
    '7\tK4\t=谁\t没有找到接手导购',
  ])
  assert.deepEqual(await findings(page), [])
  const refused = (await download(() => page.getByRole('button', { name: '下载这些行' }).click())).bytes.toString()
  assert.ok(refused.startsWith('\ufeff卡号,手机,接手导购,会员编号,行,原因\r\nK9,,李娜,,4,没有找到这位会员\r\n'), refused)
  assert.ok(refused.includes("K4,,'=谁,,7,"), refused)
  await page.setViewportSize({ width: 390, height: 844 })
  assert.equal(await tooWide(page), 0)
  await page.setViewportSize({ width: 1280, height: 800 })
  await run(page)
  assert.equal(await owner('丙'), house.colleague.staff.id)
  assert.equal(await owner('丁'), house.colleague.staff.id)
  const receipt = await download(() => page.getByRole('link', { name: '下载回执（Excel）' }).click())
  assert.match(receipt.name, /\.xlsx$/)
  const sheet = unzip(receipt.bytes, 'xl/worksheets/sheet1.xml')
  const cells = [...sheet.matchAll(/<row [^>]*>(.*?)<\/row>/g)].map((r) => [...r[1].matchAll(/<t[^>]*>([^<]*)<\/t>/g)].map((c) => c[1]))
  assert.deepEqual(cells[0].slice(0, 3), ['会员编号', '姓名', '卡号'])
  assert.deepEqual(new Set(cells.slice(1).map((c) => c[1])), new Set(['丙', '丁']))
  assert.ok(cells.slice(1).every((c) => c.includes('已交接')))
  const text = await download(() => page.getByRole('link', { name: '下载回执（CSV）' }).click())
  assert.ok(text.bytes.toString().startsWith('\ufeff会员编号,姓名,卡号'))
  assert.deepEqual(faults, [])
  await context.close()
})

/** Runs a handover by hand over the API and waits for its end. */
async function hand(from, name, to) {
  const plan = await house.owner.post('/api/handovers', { from_clerk_id: from, moves: [{ member_id: members[name], to_clerk_id: to }] })
  await finish(plan.id)
}

async function finish(id) {
  await house.owner.post(`/api/handovers/${id}/run`)
  await until('the handover', async () => (await house.owner.get('/api/handovers/' + id)).state === 'done')
}

test('who was not handed over and is back with the clerk is retried as a plan of its own', async () => {
  const clerk = house.clerk.staff.id
  const plan = await house.owner.post('/api/handovers', {
    from_clerk_id: clerk,
    moves: ['戊', '己'].map((name) => ({ member_id: members[name], to_clerk_id: house.colleague.staff.id })),
  })
  await hand(clerk, '戊', third.id)
  await finish(plan.id)
  const { context, page, faults, pick } = await desk(browser, world, '13800000010', { path: '/handovers/' + plan.id })
  await page.getByRole('link', { name: '下载回执（Excel）' }).waitFor()
  assert.equal(await page.getByRole('button', { name: '重试这些会员' }).count(), 0) // he is 赵云's
  await hand(third.id, '戊', clerk)
  await page.reload()
  await page.getByText('有 1 位没有交接成功').waitFor()
  assert.deepEqual(await findings(page), [])
  await pick('#retry-to', '赵云') // others than those of the first plan
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: '重试这些会员' }).click()
  await page.getByText('这是一次重试').waitFor()
  await page.getByText('现在还什么都没有变').waitFor()
  await page.getByRole('button', { name: '执行交接' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '执行交接' }).click()
  await page.getByRole('button', { name: '撤销整批交接' }).waitFor()
  assert.equal(await owner('戊'), third.id)
  await page.getByRole('link', { name: '这是一次重试' }).click()
  await page.waitForURL('**/handovers/' + plan.id)
  await page.getByRole('link', { name: '下载回执（Excel）' }).waitFor()
  await page.getByRole('button', { name: '重试这些会员' }).waitFor({ state: 'detached' }) // the page is shown as it was left, and then as it is
  assert.deepEqual(faults, [])
  await context.close()
})
