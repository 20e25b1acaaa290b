// Pictures of a file of purchases, the settings of text messages and the certificate of an erasure, for docs/screens:
// node e2e/data-screens.mjs [folder]
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain } from './world.mjs'

const folder = process.argv[2] ?? new URL('../../docs/screens/', import.meta.url).pathname
await mkdir(folder, { recursive: true })
const world = await World.start()
const browser = await launch()
try {
  const house = await chain(world)
  for (const [name, phone] of [['林小雨', '13912345678'], ['周婷', '13987654321'], ['王雅静', '13933334444']]) await house.clerk.post('/api/members', { name, phone })
  const { page, faults, dialog } = await desk(browser, world, '13800000001', { path: '/members/purchase-imports' })
  const shot = async (name, clip) => {
    await page.waitForFunction(() => !document.querySelector('.el-message')) // what was said has gone
    await page.mouse.move(2, 400)
    const on = clip ?? page
    await on.screenshot({ path: join(folder, `console-${name}.png`), animations: 'disabled' })
  }
  const rows = ['单号,手机号,付款时间,门店编号,商品,数量,行金额']
  for (const [n, phone, day, what, many, sum] of [
    [1, '13912345678', '2026-11-02 10:12', '有机棉连体衣', 2, '598.00'], [1, '13912345678', '2026-11-02 10:12', '婴儿推车', 1, '682.50'],
    [2, '13987654321', '2026-11-03 15:40', '一段奶粉', 3, '894.00'], [3, '13933334444', '2026-11-05 19:05', '纸尿裤 L', 4, '476.00'], [4, '13900009999', '2026-11-06 11:30', '哺乳枕', 1, '229.00'],
  ]) rows.push(`XH-100${n},${phone},${day},ZSL,${what},${many},${sum}`)
  await page.locator('input[type=file]').setInputFiles({ name: '消费.csv', mimeType: 'text/csv', buffer: Buffer.from('\ufeff' + rows.join('\n') + '\n') })
  await page.getByText('婴儿推车').first().waitFor()
  await page.setViewportSize({ width: 1_280, height: 1_100 })
  await shot('purchase-file')

  await page.goto('/console/account')
  await page.getByRole('radio', { name: /试用/ }).check({ force: true })
  await page.getByLabel('短信签名').fill('小禾母婴')
  await page.getByLabel('每条价格（分）').fill('6')
  const card = page.locator('section.card').filter({ has: page.getByRole('heading', { name: '短信', exact: true }) })
  await card.scrollIntoViewIfNeeded()
  await shot('sms', card)

  await page.setViewportSize({ width: 1_280, height: 1_000 })
  await page.goto('/console/members')
  await page.getByRole('button', { name: '林小雨' }).click()
  const drawer = page.locator('.el-drawer')
  await drawer.getByRole('tab', { name: '资料权利' }).click()
  await drawer.getByRole('button', { name: '抹除资料' }).click()
  const asking = dialog('抹除 林小雨 的资料')
  await asking.getByText('会员本人要求', { exact: true }).click()
  await asking.getByText('微信', { exact: true }).click()
  await asking.getByLabel('确认请输入“抹除”').fill('抹除')
  await shot('erase')
  await asking.getByRole('button', { name: '抹除，不能恢复' }).click()
  await page.getByRole('heading', { level: 1, name: '抹除证明' }).waitFor({ timeout: 60_000 })
  await shot('certificate')
  if (faults.length > 0) throw new Error(faults.join('\n'))
} finally {
  await browser.close()
  await world.stop()
}
