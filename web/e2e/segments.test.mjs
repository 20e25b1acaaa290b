// A segment from the first condition to the list: read as a sentence, counted as it is written, refused in words.
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
  for (const [name, sex] of [['林小雨', 'female'], ['周婷', 'female'], ['何静', 'male']]) {
    const { id } = await house.clerk.post('/api/members', { name })
    await world.call(`${world.url}/api/members/${id}`, { method: 'PATCH', headers: { ...house.clerk.headers, 'Content-Type': 'application/json' }, body: JSON.stringify({ sex }) })
  }
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const manager = '13800000010'
const rows = (page) => page.locator('.filter ol > li .row')

test('a manager builds a segment, sees whom it takes, saves it and finds it', async () => {
  const { page, context, faults, pick, said } = await desk(browser, world, manager, { path: '/segments/new' })
  const count = page.getByRole('region', { name: '现在有多少人' })
  await count.getByText('0 位会员').waitFor() // nobody was away for 90 days
  await page.getByText('最近一次到店在 90 天以前').first().waitFor()
  await page.getByLabel('怎么比').selectOption('从来没有')
  await count.getByText('3 位会员').waitFor()
  await page.getByRole('button', { name: '加条件' }).click()
  await rows(page).nth(1).getByLabel('看什么').selectOption('性别')
  await count.getByText('把上面的条件填完').waitFor()
  await pick(page.getByRole('combobox', { name: '性别' }), '女')
  await page.keyboard.press('Escape')
  await count.getByText('2 位会员').waitFor()
  assert.match(await count.innerText(), /林小雨[\s\S]*王芳 · 中山路店/)
  assert.match(await page.locator('.sentence').innerText(), /下面全部满足：从来没有到过店，并且性别是 女/)
  await rows(page).nth(1).getByLabel('怎么比').selectOption('不是')
  await count.getByText('1 位会员').waitFor()
  assert.deepEqual(await findings(page), [])

  await page.getByLabel('名称').fill('没来过的爸爸')
  await page.reload()
  await page.getByText('接着上次没保存的内容').waitFor()
  assert.equal(await page.getByLabel('名称').inputValue(), '没来过的爸爸')
  await count.getByText('1 位会员').waitFor()
  await page.getByRole('button', { name: '保存' }).click()
  await said('人群已保存')
  const row = page.locator('.el-table__row', { hasText: '没来过的爸爸' })
  await row.getByText('下面全部满足：从来没有到过店，并且性别不是 女').waitFor()
  await row.getByText('中山路店').waitFor()
  assert.deepEqual(await findings(page), [])
  await row.getByRole('button', { name: '没来过的爸爸', exact: true }).click()
  await count.getByText('1 位会员').waitFor()
  assert.equal(await page.getByText('接着上次').count(), 0)

  // Somebody else is quicker.
  const { items } = await house.owner.get('/api/segments')
  const patch = (body) => world.call(`${world.url}/api/segments/${items[0].id}`, { method: 'PATCH', headers: { ...house.owner.headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  await patch({ name: '爸爸们' })
  await page.getByLabel('名称').fill('没来过的爸爸们')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('您修改期间，别人改过这个人群').waitFor()
  await page.getByRole('button', { name: '用我的' }).click()
  await said('人群已保存')
  await page.locator('.el-table__row', { hasText: '没来过的爸爸们' }).getByRole('button', { name: '删除人群' }).click()
  await page.getByRole('dialog').getByText('用过它的群发不受影响').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: '删除' }).click()
  await page.getByText('还没有人群').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('an earlier count is given up, and what the server refuses stands at its condition', async () => {
  const { page, context, faults } = await desk(browser, world, manager, { path: '/segments/new' })
  const count = page.getByRole('region', { name: '现在有多少人' })
  await count.getByText('0 位会员').waitFor()
  let open = 0
  let given = 0
  const preview = (url) => url.pathname === '/api/segments/preview'
  await page.route(preview, () => void open++) // never answered
  page.on('requestfailed', (r) => new URL(r.url()).pathname === '/api/segments/preview' && given++)
  await rows(page).first().getByLabel('最近一次到店，数值').fill('30')
  await until('the first count', async () => open === 1)
  await count.getByText('正在数…').waitFor()
  await rows(page).first().getByLabel('最近一次到店，数值').fill('31')
  await until('the end of the first count', async () => given === 1 && open === 2)
  await page.unrouteAll()
  for (const [field, reason, words] of [['filter', 'too_costly', '这组条件要数太久'], ['filter.all[0]', 'value_unknown', '选的有一项已经不存在']]) {
    await page.route(preview, (route) => route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify({ status: 422, reason: 'invalid_input', errors: [{ field, reason }] }) }))
    await rows(page).first().getByLabel('最近一次到店，数值').fill(field === 'filter' ? '32' : '33')
    await (field === 'filter' ? count : rows(page).first()).getByText(words).waitFor()
    await page.unrouteAll()
  }
  await rows(page).first().getByLabel('最近一次到店，数值').fill('5000')
  await rows(page).first().getByText('数字太大或太小').waitFor()
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('groups in groups fit on a phone of 320 px, in both languages; a supervisor keeps a copy', async () => {
  const filter = { all: [{ field: 'last_visit', is: false }, { any: [{ field: 'sex', in: ['female'] }, { not: { all: [{ field: 'amount', from: 100_000, to: 250_050, days: 30 }, { field: 'child_months', from: 6, to: 12 }] } }] }] }
  const { id } = await house.owner.post('/api/segments', { scope: 'account', name: '全公司的', filter })
  const { page, context, faults } = await desk(browser, world, manager, { size: { width: 320, height: 640 } })
  for (const language of ['中文', 'English']) {
    await page.goto('/console')
    await page.getByRole('button', { name: language, exact: true }).click()
    await page.locator(`html[lang=${language === '中文' ? 'zh-CN' : 'en'}]`).waitFor()
    for (const path of ['/segments', '/segments/' + id]) {
      await page.goto('/console' + path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      if (path !== '/segments') await page.locator('.count .number').waitFor()
      assert.equal(await tooWide(page), 0, `${language} ${path}`)
      assert.deepEqual(await findings(page), [])
    }
  }
  await page.getByText('is not yours to change').waitFor()
  assert.equal(await page.getByLabel('Amount spent, to').inputValue(), '2500.5')
  await page.getByRole('button', { name: 'Save a copy' }).click()
  await until('the copy', async () => (await (await world.signIn(manager)).get('/api/segments')).items.some((s) => s.scope === 'own' && JSON.stringify(s.filter) === JSON.stringify(filter)))
  assert.deepEqual(faults, [])
  await context.close()
})
