import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, password, until } from './world.mjs'
import { tooWide } from './width.mjs'

let world, house, browser
before(async () => {
  world = await World.start()
  house = await chain(world)
  browser = await launch()
  for (const [title, situation, text] of [
    ['问候', '到店', '{member}您好，我是{store}的{clerk}，有什么可以帮您？'],
    ['嫌贵', '价格', '理解您的想法，这款是有机棉的。'],
    ['积分', '售后', '{member}，您现在有 {points} 积分。'],
    ['停车', '到店', '地下两层可以停车。'],
    ['发票', '售后', '发票已经开好。'],
    ['营业', '到店', '我们每天 9 点到 21 点营业。'],
  ]) {
    await house.owner.post('/api/phrases', { scope: 'account', title, situation, text })
  }
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const box = (page) => page.getByPlaceholder('写回复')
const panel = (page) => page.getByRole('region', { name: '常用语' })

test('a phrase is found by situation and by words, filled from the file, and a gap is not sent unseen', async () => {
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const person = await world.person('小雨')
  await person.scan(code.url)
  await person.say('在吗')
  await page.getByText('在吗').click()
  await page.getByRole('button', { name: '常用语', exact: true }).click()
  await panel(page).getByText('问候').waitFor()
  assert.deepEqual(await findings(page), [])
  await panel(page).getByRole('button', { name: '价格', exact: true }).click()
  assert.deepEqual(await panel(page).locator('li b').allInnerTexts(), ['嫌贵'])
  await panel(page).getByRole('button', { name: '全部', exact: true }).click()
  await panel(page).getByPlaceholder('搜索常用语').fill('您好')
  await panel(page).getByText('问候').click()
  const filled = '【会员称呼】您好，我是中山路店的王芳，有什么可以帮您？' // nobody knows his name yet
  await until('the phrase', async () => (await box(page).inputValue()) === filled)
  await page.getByRole('button', { name: '发送', exact: true }).click()
  await page.getByText('还有空没填').waitFor()
  assert.deepEqual(await findings(page), [])
  assert.equal(await page.evaluate(() => getSelection().toString()), '【会员称呼】')
  await page.keyboard.insertText('小雨')
  await page.getByText('还有空没填').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '发送', exact: true }).click()
  await until('the words at the member', async () => (await person.inbox()).some((m) => m.text === filled.replace('【会员称呼】', '小雨')))
  assert.deepEqual(faults, [])
  await context.close()
})

test('a clerk keeps phrases of his own on the phone, and the shop’s are not his to change', async () => {
  const { context, page, faults } = await phone(browser, world, { context: { viewport: { width: 320, height: 640 } } })
  await signIn(page, '13800000012', password)
  await page.goto('/app/me')
  await page.getByText('常用语').click()
  await page.getByText('我们每天 9 点到 21 点营业。').waitFor()
  assert.deepEqual(await findings(page), [])
  assert.equal(await page.locator('button.one').count(), 0)
  await page.getByRole('button', { name: '新常用语' }).click()
  await page.getByLabel('标题').fill('送货')
  await page.getByRole('button', { name: '售后', exact: true }).click()
  await page.getByRole('textbox', { name: '内容' }).fill('今天下午送到，')
  await page.getByRole('button', { name: '会员称呼' }).click()
  await page.getByText('今天下午送到，王女士').waitFor()
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '保存' }).click()
  await page.locator('button.one', { hasText: '送货' }).click()
  await page.getByRole('textbox', { name: '内容' }).fill('明天送到，{member}')
  await page.getByRole('button', { name: '保存' }).click()
  await page.locator('button.one', { hasText: '明天送到，【会员称呼】' }).click()
  const { items } = await house.colleague.get('/api/phrases?scope=own')
  assert.deepEqual(items.map((p) => [p.title, p.situation, p.text]), [['送货', '售后', '明天送到，{member}']])
  await page.getByRole('button', { name: '删除' }).click()
  await page.getByRole('button', { name: '确认' }).click()
  await until('none of his own', async () => (await house.colleague.get('/api/phrases?scope=own')).items.length === 0)
  await page.locator('button.one').waitFor({ state: 'detached' })
  assert.equal(await tooWide(page), 0)
  assert.deepEqual(faults, [])
  await context.close()
})

test('a manager keeps the store’s phrases in the console, table by pages, and the clerk finds them', async () => {
  const { context, page, faults } = await desk(browser, world, '13800000010')
  await page.getByRole('link', { name: '常用语' }).click()
  await page.getByText('发票已经开好。').waitFor()
  assert.equal(await page.getByRole('button', { name: '修改“发票”' }).count(), 0) // the owner's
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '新常用语' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('#phrase-title').fill('活动')
  await dialog.locator('#phrase-situation').fill('活动')
  await dialog.locator('#phrase-text').fill('周六到店有礼，')
  await dialog.getByRole('button', { name: '会员称呼' }).click()
  await dialog.getByText('周六到店有礼，王女士').waitFor()
  assert.deepEqual(await findings(page), [])
  await dialog.getByRole('button', { name: '保存' }).click()
  await page.getByRole('button', { name: '修改“活动”' }).click()
  await dialog.locator('#phrase-text').fill('周日到店有礼，{member}')
  await dialog.getByRole('button', { name: '保存' }).click()
  await page.getByText('周日到店有礼，【会员称呼】').waitFor()
  const seen = await house.clerk.get('/api/phrases?scope=store')
  assert.deepEqual(seen.items.map((p) => [p.title, p.text]), [['活动', '周日到店有礼，{member}']])

  await Promise.all(Array.from({ length: 18 }, (_, n) => house.owner.post('/api/phrases', { scope: 'account', title: '多 ' + n, text: '多' })))
  await page.reload()
  await page.getByRole('button', { name: '下一页' }).click()
  await page.getByText('第 2 页').waitFor()
  await page.getByPlaceholder('搜索标题、内容、场合').fill('周日')
  await until('one row', async () => (await page.locator('.el-table__row').count()) === 1)
  await page.getByRole('button', { name: '删除“活动”' }).click()
  await dialog.getByRole('button', { name: '删除' }).click()
  await page.getByText('还没有常用语').waitFor()
  assert.deepEqual((await house.clerk.get('/api/phrases?scope=store')).items, [])
  assert.deepEqual(faults, [])
  await context.close()
})
