// A campaign that reaches by text message whom WeChat does not: from the settings over the editor to what it cost, with a
// test to oneself and the results as files.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch } from './browser.mjs'
import { crowd } from './campaign-world.mjs'
import { desk } from './desk.mjs'
import { World, chain, until } from './world.mjs'
import { unzip } from './zip.mjs'

let world, house, browser, c
before(async () => {
  world = await World.start()
  house = await chain(world)
  c = await crowd(world, house, 12)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const [owner, manager] = ['13800000001', '13800000010']

test('the owner tries text messages out, a template is picked, and the result tells what it cost', async () => {
  const own = await desk(browser, world, owner, { path: '/account' })
  await own.page.getByRole('radio', { name: /试用/ }).check({ force: true })
  await own.page.getByLabel('短信签名').fill('小禾【母婴】')
  await own.page.getByLabel('每条价格（分）').fill('6')
  const card = own.page.locator('section.card').filter({ has: own.page.getByRole('heading', { name: '短信', exact: true }) })
  await card.getByRole('button', { name: '保存' }).click()
  await own.page.getByText('签名是 2 到 12 个中文、字母或数字，不带【】。').first().waitFor()
  await own.page.getByLabel('短信签名').fill('小禾母婴')
  await card.getByRole('button', { name: '保存' }).click()
  await own.said('短信设置已保存')
  assert.deepEqual(await findings(own.page), [])
  assert.deepEqual(own.faults, [])
  await own.context.close()

  const { page, context, faults, said, dialog, download } = await desk(browser, world, manager, { path: '/campaigns/new' })
  await page.getByLabel('名称').fill('到货短信')
  await page.locator('.el-select__wrapper').filter({ has: page.getByLabel('选择人群') }).click()
  await page.locator('.el-select-dropdown__item:visible', { hasText: '还没买过的妈妈' }).click()
  await page.getByText('服务通知', { exact: true }).click()
  await page.getByRole('checkbox', { name: /微信消息/ }).uncheck()
  await page.getByRole('checkbox', { name: /店员打电话/ }).uncheck()
  await page.getByRole('checkbox', { name: /模板消息/ }).check()
  await page.getByLabel('选模板').selectOption({ label: '到货通知' })
  assert.equal(await page.getByLabel('模板 ID').inputValue(), c.template)
  assert.deepEqual(await page.getByLabel('字段名').evaluateAll((all) => all.map((f) => f.value)), ['thing1', 'thing2'])
  await page.getByRole('textbox', { name: '内容' }).nth(0).fill('{member}的奶粉')
  await page.getByRole('textbox', { name: '内容' }).nth(1).fill('请来拿')
  await page.getByRole('checkbox', { name: /^短信/ }).check()
  await page.getByLabel('短信模板 ID').fill('1110')
  await page.getByLabel('模板正文').fill('{1}您好，您订的奶粉到{2}了')
  await page.getByLabel('变量 1').fill('{member}')
  await page.getByLabel('变量 2').fill('https://a.example')
  await page.getByRole('button', { name: '存草稿' }).click()
  await page.getByText('变量里不能有网址').first().waitFor()
  await page.getByLabel('变量 2').fill('{store}')
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '存草稿' }).click()
  await said('草稿已保存')

  // The start sheet counts the messages and shows one of each way.
  await page.getByText('短信 12 条，按 12 条收费，约 ¥0.72。').waitFor()
  await page.getByText('短信是试用状态').waitFor()
  const preview = page.getByRole('region', { name: '会员看到的样子' })
  await preview.getByText(/的奶粉/).waitFor()
  await preview.getByRole('button', { name: '下一位' }).click()
  await preview.getByText(/【小禾母婴】.+妈您好，您订的奶粉到中山路店了/).waitFor()
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '批准' }).click()
  await said('已批准')
  await page.getByRole('button', { name: '马上开始' }).click()
  await dialog('马上开始“到货短信”').getByRole('button', { name: '马上开始' }).click()
  await page.getByText('已完成').first().waitFor({ timeout: 30_000 })
  await page.reload()
  await page.getByText(/^短信 \d+ 位：¥0\.\d\d$/).waitFor()
  assert.deepEqual(await findings(page), [])

  const csv = await download(() => page.getByRole('button', { name: '存为 CSV' }).click())
  const lines = csv.bytes.toString('utf8').trim().split(/\r?\n/)
  assert.match(lines[0], /费用（元）$/)
  const sent = lines.filter((l) => l.includes(',短信,'))
  assert.ok(sent.length > 0 && sent.every((l) => l.endsWith(',0.06')), lines.join('\n'))
  assert.match(csv.name, /^campaign-.+\.csv$/)
  const excel = await download(() => page.getByRole('button', { name: '存为 Excel' }).click())
  assert.match(unzip(excel.bytes, 'xl/worksheets/sheet1.xml'), /短信/)
  assert.match(excel.name, /\.xlsx$/)
  assert.deepEqual(faults, [])
  await context.close()
})

test('a test goes to one\'s own WeChat and to nobody else', async () => {
  const { id } = await house.owner.post('/api/campaigns', { name: '试发', segment_id: c.segment, content: { purpose: 'notice', text: '{member}您好，{clerk}有话说' }, channels: ['customer'] })
  const { page, context, faults, said } = await desk(browser, world, owner, { path: '/campaigns/' + id })
  const go = page.getByRole('button', { name: '试发给自己' })
  await go.click()
  await said('您还没有绑定自己的微信')
  const { url } = await house.owner.post('/api/me/link_code', {})
  const own = await world.person('老板的微信')
  await own.scan(url)
  await own.say('试试')
  await world.settle()
  await until('the link', async () => (await house.owner.get('/api/me/link')).linked)
  await go.click()
  await said('已发到您自己的微信')
  await until('the test on the phone', async () => (await own.inbox()).some((m) => /您好，.+有话说$/.test(m.text)))
  for (const [name, person] of Object.entries(c.people)) assert.ok(!(await person.inbox()).some((m) => /有话说/.test(m.text)), name)
  assert.deepEqual((await house.owner.get('/api/campaigns/' + id)).counts, [])
  assert.deepEqual(faults, [])
  await context.close()
})
