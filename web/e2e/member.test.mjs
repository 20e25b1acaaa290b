import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { World, chain, password, until } from './world.mjs'
import { tooWide } from './width.mjs'

let world, house, manager, browser
before(async () => {
  world = await World.start()
  house = await chain(world)
  manager = await world.signIn('13800000010')
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

const patch = (path, body) =>
  world.call(world.url + path, { method: 'PATCH', headers: { 'Content-Type': 'application/json', ...house.clerk.headers }, body: JSON.stringify(body) })
const button = (page, name) => page.getByRole('button', { name, exact: true })
const sheet = (page, name) => page.getByRole('dialog', { name, exact: true })

/** What axe finds once a toast, which the library draws as a dialog without a name, has gone. */
async function faultsOf(page) {
  await page.locator('.van-toast').waitFor({ state: 'hidden' })
  return findings(page)
}

/** Chooses the birthday of the last child. */
async function born(page, year, month, day) {
  const parts = page.getByRole('group', { name: '生日', exact: true }).last().getByRole('combobox')
  await parts.nth(0).selectOption(year)
  await parts.nth(2).selectOption(day) // before the month: a day that the month lacks becomes its last
  await parts.nth(1).selectOption(month)
}

async function open(page, member) {
  await page.goto('/app/members/' + member.id)
  await page.getByRole('heading', { name: member.name, exact: true }).waitFor()
}

test('a file is edited, tagged and noted; the timeline shows it, and the audit who saw the number', async () => {
  const { context, page, faults } = await phone(browser, world)
  const member = await house.clerk.post('/api/members', { name: '林小雨', phone: '13912345678', card_no: 'XH-1' })
  await signIn(page, '13800000011', password)
  await open(page, member)
  await page.getByText('还没加微信').waitFor()
  await page.getByText('开始由 王芳 服务').waitFor()

  await page.getByRole('link', { name: '修改' }).click()
  await page.getByLabel('姓名').fill('林晓雨')
  await page.getByRole('group', { name: '性别', exact: true }).getByRole('button', { name: '女', exact: true }).click()
  await button(page, '加一个孩子').click()
  await born(page, '2025', '02', '31')
  await page.getByRole('group', { name: '第 1 个孩子的性别' }).getByRole('button', { name: '男孩' }).click()
  await page.getByRole('group', { name: '喜欢怎么联系' }).getByRole('button', { name: '微信' }).click()
  await page.getByRole('group', { name: '方便的时间' }).getByRole('button', { name: '晚上' }).click()
  await page.getByRole('group', { name: '分类', exact: true }).getByRole('button', { name: '重点' }).click()
  await page.getByPlaceholder('可以不填，比如：孕期').fill('老客')
  assert.deepEqual(await faultsOf(page), [])
  await button(page, '保存').click()
  await page.getByRole('heading', { name: '林晓雨' }).waitFor()
  await page.getByText('重点 · 老客').waitFor()
  await page.getByText('微信 · 晚上').waitFor()
  await page.getByText(/^男孩 \d+ 个月|^男孩 \d 岁/).waitFor()
  assert.equal((await house.clerk.get('/api/members/' + member.id)).children[0].birthday, '2025-02-28')

  await page.getByRole('navigation', { name: '可以做的事' }).getByRole('button', { name: '标签' }).click()
  await page.getByPlaceholder('写一个新标签').fill('二胎')
  await button(page, '加上').click()
  await button(page, '去掉标签“二胎”').waitFor()
  assert.deepEqual(await faultsOf(page), [])
  await button(sheet(page, '标签'), '完成').click()
  await page.locator('.glance').getByText('二胎').waitFor()

  await button(page, '备注').click()
  await page.getByLabel('写备注').last().fill('怕冷，下次推荐厚款')
  assert.deepEqual(await faultsOf(page), [])
  await button(sheet(page, '写备注'), '保存').click()
  await page.getByText('王芳 写了备注').waitFor()
  await until('the note among the notes and in the timeline', async () => (await page.getByText('怕冷，下次推荐厚款').count()) === 2)

  await button(page, '打电话').click()
  const call = sheet(page, '打电话给 林晓雨')
  await call.getByText('139****5678').waitFor()
  await button(call, '看全号').click()
  await call.getByText('139 1234 5678').waitFor()
  assert.equal(await call.getByRole('button', { name: '拨打' }).or(call.getByRole('link', { name: '拨打' })).count(), 1)
  assert.deepEqual(await faultsOf(page), [])
  await button(call, '关闭').click()
  const audits = await house.owner.get('/api/audits?limit=100')
  const seen = audits.items.filter((a) => a.action === 'member.reveal_phone')
  assert.equal(seen.length, 1)
  assert.equal(seen[0].object_id, member.id)

  await button(page, '删除备注“怕冷，下次推荐厚款”').click()
  await page.getByRole('dialog').getByRole('button', { name: '删除', exact: true }).click()
  await page.getByText('还没有备注。').waitFor()
  await page.getByText('王芳 写了备注').waitFor({ state: 'detached' })
  assert.deepEqual(await faultsOf(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('what a colleague changes appears live; a duplicate and a lost network cost nothing that was typed', async () => {
  const { context, page, faults } = await phone(browser, world)
  const member = await house.clerk.post('/api/members', { name: '周婷', phone: '13900000001' })
  const other = await house.clerk.post('/api/members', { name: '周挺', phone: '13900000002' })
  await signIn(page, '13800000011', password)
  await open(page, member)
  await patch('/api/members/' + member.id, { children: [{ name: '果果', birthday: '2020-05-01', sex: 'female' }] })
  await page.getByText(/果果 女孩/).waitFor() // without a reload

  await page.getByRole('link', { name: '修改' }).click()
  await button(page, '换号码').click()
  await page.getByPlaceholder('新的手机号').fill('13900000002')
  await page.getByLabel('卡号').fill('C-77')
  await button(page, '保存').click()
  await page.getByText('这个手机号或卡号已经有会员了').waitFor()
  assert.ok((await page.getByRole('link', { name: '打开他的档案' }).getAttribute('href')).endsWith(other.id))
  assert.equal(await page.getByPlaceholder('新的手机号').inputValue(), '13900000002')
  assert.deepEqual(await faultsOf(page), [])
  await page.getByPlaceholder('新的手机号').fill('13900000003')

  await button(page, '加一个孩子').click()
  await born(page, '2025', '03', '04')
  await context.setOffline(true)
  await button(page, '保存').click()
  await page.getByText('没有保存上，您填的都还在。').waitFor()
  // Meanwhile a colleague adds a child too: neither is lost unseen.
  await patch('/api/members/' + member.id, { children: [{ name: '果果', birthday: '2020-05-01', sex: 'female' }, { name: '豆豆', birthday: '2024-05-01' }] })
  await context.setOffline(false)
  await button(page, '保存').click()
  await page.getByText(/孩子刚被同事改成“.*豆豆/).waitFor()
  await button(page, '用同事的').click()
  await page.getByText('孩子刚被同事改成').waitFor({ state: 'detached' })
  assert.equal(await page.getByPlaceholder('新的手机号').inputValue(), '13900000003')

  await page.reload() // as a session that ended would
  assert.equal(await page.getByLabel('卡号').inputValue(), 'C-77')
  await page.locator('.van-nav-bar__left').click()
  await button(page, '继续填').click()
  await button(page, '保存').click()
  await page.getByRole('heading', { name: '周婷' }).waitFor()
  const now = await house.clerk.get('/api/members/' + member.id)
  assert.deepEqual([now.phone, now.card_no, now.children.length], ['139****0003', 'C-77', 2])
  assert.deepEqual(faults, [])
  await context.close()
})

test('from the file to the chat; found in the feed by initials and by the last digits; the other clerk finds nobody', async () => {
  const { context, page, faults } = await phone(browser, world)
  const member = await house.clerk.post('/api/members', { name: '王雅静', phone: '13933334444' })
  const code = await house.clerk.post('/api/codes', { kind: 'member', member_id: member.id })
  await signIn(page, '13800000011', password)
  await open(page, member)
  await button(page, '发消息').click()
  await page.getByText('还没有和公众号聊过').waitFor()
  const person = await world.person('静静')
  await person.scan(code.url)
  await person.say('推车到货了吗')
  await page.getByText('已关注公众号').waitFor()
  await button(page, '发消息').click()
  await page.getByText('推车到货了吗').waitFor()
  const chat = page.url()
  await page.getByRole('link', { name: '档案' }).click()
  await page.getByRole('heading', { name: '王雅静' }).waitFor()
  await page.getByText(/^扫了 王芳 的二维码|^扫了二维码/).waitFor()
  for (const words of ['wyj', '4444', '雅静']) {
    await page.goto('/app/chats')
    await page.getByPlaceholder('搜索姓名').fill(words)
    await page.locator('.row', { hasText: '王雅静' }).first().click()
    await page.waitForURL(chat)
  }
  assert.equal((await house.colleague.get('/api/members?q=wyj')).items.length, 0)
  assert.deepEqual(faults, [])
  await context.close()
})

test('five thousand members: filters with counts that combine, only what is seen is drawn, and one comes back where one was', async () => {
  const { context, page, faults } = await phone(browser, world)
  const many = 5_000
  const rows = Array.from({ length: many }, (_, n) => `批量${n},136${String(10_000_000 + n)},${['A', 'B', 'C'][n % 3]},${n % 50 === 0 ? '双胞胎' : ''},13800000012`)
  const csv = '姓名,手机号,等级,标签,导购手机\n' + rows.join('\n') + '\n'
  const made = await world.call(world.url + '/api/member_imports', { method: 'POST', headers: { ...manager.headers, 'Content-Type': 'text/csv' }, body: csv })
  await manager.post(`/api/member_imports/${made.id}/run`, { mapping: made.mapping })
  await until('the import', async () => (await manager.get('/api/member_imports/' + made.id)).state === 'done', 120_000)

  await signIn(page, '13800000012', password)
  await page.getByRole('link', { name: '会员' }).click()
  await page.getByText('共 5000 位').waitFor()
  await page.locator('.one').first().waitFor()
  assert.deepEqual(await faultsOf(page), [])
  const list = page.locator('.screen-body')
  // Scrolled as a thumb would, screen by screen; how long the page was busy at a stretch is measured.
  const felt = await list.evaluate(async (el) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    let [most, steps] = [0, 0]
    for (const end = Date.now() + 90_000; Date.now() < end; steps++) {
      el.scrollTop += 2_000
      await frame()
      await frame()
      most = Math.max(most, el.querySelectorAll('.one').length)
      if (el.scrollTop + el.clientHeight >= el.scrollHeight - 4 && /批量0$/.test([...el.querySelectorAll('.who')].at(-1)?.textContent ?? '')) break
    }
    return { most, steps, height: el.scrollHeight }
  })
  assert.ok(felt.height >= many * 70, `the whole list: ${felt.height}`)
  assert.ok(felt.most < 60, `rows drawn: ${felt.most}`)
  assert.ok(felt.steps > many / 40, 'not in one leap')

  // One opens a file from the middle and comes back to the same place; a change is seen there.
  await list.evaluate((el) => (el.scrollTop = 2_500 * 76))
  const row = page.locator('.row', { hasText: '批量24' }).nth(3)
  await row.waitFor()
  const [name, top] = [await row.locator('.who').textContent(), await list.evaluate((el) => el.scrollTop)]
  await row.click()
  await page.getByRole('heading', { name, exact: true }).waitFor()
  await page.locator('.van-nav-bar__left').click()
  await page.locator('.who', { hasText: name }).first().waitFor()
  assert.equal(await list.evaluate((el) => el.scrollTop), top)
  const [one] = (await house.colleague.get('/api/members?q=' + encodeURIComponent(name))).items
  await world.call(`${world.url}/api/members/${one.id}`, { method: 'PATCH', headers: { 'Content-Type': 'application/json', ...house.colleague.headers }, body: '{"class":"seed","sub_class":"孕期"}' })
  await page.locator('.row', { hasText: name }).getByText('种子 · 孕期').waitFor()

  await button(page, '分类').click()
  await page.getByRole('button', { name: '孕期 1', exact: true }).waitFor()
  assert.deepEqual(await faultsOf(page), [])
  await page.getByRole('button', { name: '孕期 1', exact: true }).click()
  await page.getByText('共 1 位').waitFor()
  await page.getByRole('button', { name: '分类 种子 · 孕期' }).click()
  await button(page, '不限').click()
  await page.getByText('共 5000 位').waitFor()
  await button(page, '等级').click()
  await page.getByRole('button', { name: 'A 1667' }).click()
  await page.getByText('共 1667 位').waitFor()
  await button(page, '标签').click()
  await page.getByRole('button', { name: '双胞胎 34' }).click()
  await page.getByText('共 34 位').waitFor()
  await page.locator('.one').first().locator('.who', { hasText: /^批量4950$/ }).waitFor() // the rows come after their number
  await page.getByPlaceholder('搜索姓名、拼音首字母、手机、卡号').fill('批量15')
  await page.getByText('共 2 位').waitFor()
  await page.getByPlaceholder('搜索姓名、拼音首字母、手机、卡号').fill('没有这个人')
  await page.getByText('没有找到').waitFor()
  await button(page, '看全部会员').click()
  await page.getByText('没有找到').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('on the smallest phone, in English, nothing is wider than the screen', async () => {
  const { context, page, faults } = await phone(browser, world, { context: { viewport: { width: 320, height: 640 } } })
  const member = await house.clerk.post('/api/members', { name: 'Alexandra Featherstonehaugh-Cholmondeley', phone: '13955556666' })
  await patch('/api/members/' + member.id, { class: 'seed', sub_class: '孕期最后三个月而且是双胞胎', children: [{ name: '小宝', birthday: '2024-05-01', sex: 'male' }], preferred_channel: 'none' })
  await signIn(page, '13800000011', password)
  await page.goto('/app/me')
  await page.getByRole('button', { name: 'English' }).click()
  const narrow = async (what) => {
    assert.equal(await tooWide(page), 0, what)
    assert.ok(await page.evaluate(() => [...document.querySelectorAll('.screen-body')].every((e) => e.scrollWidth <= e.clientWidth)), what)
    assert.deepEqual(await faultsOf(page), [], what)
  }
  await open(page, member)
  await page.getByText('No contact').waitFor()
  await page.getByText('Now with 王芳').waitFor()
  await narrow('the file')
  await page.getByRole('link', { name: 'Edit' }).click()
  await page.getByText('Remove this child').waitFor()
  await narrow('the form')
  await page.goto('/app/members')
  await page.locator('.who', { hasText: 'Alexandra' }).waitFor()
  await narrow('the list')
  await button(page, 'Class').click()
  await page.getByRole('button', { name: /^Seed/ }).first().waitFor()
  await narrow('the filter')
  await context.setOffline(true)
  await page.getByRole('button', { name: /^Seed/ }).first().click()
  await page.getByText('No network', { exact: false }).first().waitFor()
  await context.setOffline(false)
  assert.deepEqual(faults, [])
  await context.close()
})
