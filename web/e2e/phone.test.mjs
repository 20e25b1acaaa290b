// The simulator's phones: what a visitor sees who plays members in one window and the clerk in another.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone as clerkPhone, signIn } from './browser.mjs'
import { World, chain, password, until } from './world.mjs'
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

/** A window on the simulator, with what goes wrong in it. */
async function visitor(options = {}) {
  const context = await browser.newContext({ baseURL: world.sim, viewport: { width: 1500, height: 860 }, locale: 'zh-CN', ...options })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const faults = []
  page.on('pageerror', (e) => faults.push(String(e)))
  page.on('console', (m) => m.type() === 'error' && !/Failed to load resource/.test(m.text()) && faults.push(m.text()))
  return { context, page, faults }
}
const frame = (page, name) => page.getByRole('article', { name: name + ' 的手机' })
async function add(page, name) {
  await page.getByRole('banner').getByRole('button', { name: '加一部手机' }).click()
  await page.getByLabel('新的人叫什么').fill(name)
  await page.getByRole('button', { name: '新建一个人' }).click()
  await frame(page, name).waitFor()
}
async function say(page, name, text) {
  const box = frame(page, name).getByRole('textbox', { name: '写给公众号' })
  await box.fill(text)
  await box.press('Enter')
  await frame(page, name).locator('.mine', { hasText: text }).waitFor()
}
const codePicture = async () => {
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const answer = await fetch(`${world.url}/api/codes/${code.id}/image.png`, { headers: house.clerk.headers })
  assert.equal(answer.status, 200)
  return { url: code.url, file: { name: 'code.png', mimeType: 'image/png', buffer: Buffer.from(await answer.arrayBuffer()) } }
}
const write = async (page, text) => {
  await page.getByPlaceholder('写回复').fill(text)
  await page.getByRole('button', { name: '发送', exact: true }).click()
}
const drawer = (page) => page.getByRole('complementary', { name: '时钟、故障、配额' })
const openDrawer = (page) => page.getByRole('banner').getByRole('button', { name: '时钟' }).click()

test('two members side by side: one uploads the clerk’s code, both write, one is answered, one leaves and comes back', async () => {
  const { context, page, faults } = await visitor()
  await page.goto('/')
  await page.waitForURL('**/phones')
  await add(page, '豆豆妈')
  await add(page, '果果爸爸')
  const [mother, father] = [frame(page, '豆豆妈'), frame(page, '果果爸爸')]
  const address = page.url()
  await page.reload()
  assert.equal(page.url(), address)
  await Promise.all([mother.waitFor(), father.waitFor()])
  const [a, b] = [await mother.boundingBox(), await father.boundingBox()]
  assert.ok(b.x >= a.x + a.width && a.y === b.y, 'side by side')

  const { file, url } = await codePicture()
  await mother.getByRole('button', { name: '扫一扫' }).click()
  await mother.getByLabel('选一张二维码图片').setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no picture') })
  await mother.getByText('图片里没有找到二维码').waitFor()
  await mother.getByLabel('选一张二维码图片').setInputFiles(file)
  await mother.getByText('关注了公众号').waitFor()
  await father.getByRole('button', { name: '扫一扫' }).click()
  await father.getByLabel('二维码里的网址').fill(url)
  await father.getByRole('button', { name: '扫网址' }).click()
  await father.getByText('关注了公众号').waitFor()

  const clerk = await clerkPhone(browser, world)
  await signIn(clerk.page, '13800000011', password)
  await say(page, '果果爸爸', '有停车位吗')
  await clerk.page.getByText('有停车位吗').waitFor()
  await say(page, '豆豆妈', '待产包要准备什么？')
  await clerk.page.getByText('待产包要准备什么？').click()

  await father.getByRole('textbox', { name: '写给公众号' }).fill('还没写完')
  await write(clerk.page, '我发您一份清单 <b>')
  await mother.locator('.bubble', { hasText: '我发您一份清单 <b>' }).waitFor() // live, and as it was written
  await mother.locator('.title .badge').waitFor()
  assert.equal(await father.getByRole('textbox', { name: '写给公众号' }).inputValue(), '还没写完')
  assert.ok(await father.getByRole('textbox', { name: '写给公众号' }).evaluate((e) => e === document.activeElement))
  await mother.getByRole('log').click()
  await mother.locator('.title .badge').waitFor({ state: 'detached' })

  await mother.getByRole('button', { name: '更多', exact: true }).click()
  await mother.getByRole('button', { name: '不再关注' }).click()
  await mother.getByText('取消了关注').waitFor()
  await clerk.page.getByText('取消关注').first().waitFor()
  await mother.getByRole('button', { name: '关注公众号' }).click()
  await mother.getByRole('textbox', { name: '写给公众号' }).waitFor()

  await page.reload()
  assert.equal(await father.getByRole('textbox', { name: '写给公众号' }).inputValue(), '还没写完')
  await father.getByRole('link', { name: '收起' }).click()
  await father.waitFor({ state: 'detached' })
  await page.reload()
  await mother.waitFor()
  assert.equal(await page.getByRole('article').count(), 1)
  assert.deepEqual(faults, [])
  await clerk.context.close()
  await context.close()
})

test('what a phone can send: pasted and sample pictures, voice, place, link, all by the keyboard; reading back moves nothing', async () => {
  const { context, page, faults } = await visitor()
  await page.goto('/phones?p=')
  await add(page, '安安妈')
  const me = frame(page, '安安妈')
  const { file } = await codePicture()
  const paste = () =>
    me.getByRole('log').evaluate(async (el, bytes) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(bytes)], 'x.png', { type: 'image/png' }))
      el.focus()
      el.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    }, [...file.buffer])
  await paste() // who does not follow can only scan
  await me.getByText('关注了公众号').waitFor()
  await paste()
  await me.getByRole('button', { name: '发给公众号' }).press('Enter')
  await me.locator('.mine .picture img').waitFor()
  for (const [tool, arrived] of [['样品图片', '.picture >> nth=1'], ['样品语音', '.voice']]) {
    await me.getByRole('button', { name: '图片、语音' }).press('Enter')
    await me.getByRole('button', { name: tool }).press('Enter')
    await me.locator('.mine ' + arrived).waitFor()
  }
  for (const [tool, send, arrived] of [['位置', '发位置', '.place'], ['链接', '发链接', '.article']]) {
    await me.getByRole('button', { name: '图片、语音' }).press('Enter')
    await me.getByRole('button', { name: tool, exact: true }).press('Enter')
    await me.getByRole('button', { name: send }).press('Enter')
    await me.locator('.mine ' + arrived).waitFor()
  }
  await me.getByRole('button', { name: '图片、语音' }).press('Enter')
  await page.keyboard.press('Escape')
  assert.equal(await me.locator('.sheet:visible').count(), 0)

  const { openid } = (await world.call(world.sim + '/sim/persons')).find((p) => p.name === '安安妈')
  const chat = me.getByRole('log')
  await chat.evaluate((el) => (el.scrollTop = 0))
  await chat.locator('.mine').first().evaluate((el) => (el.dataset.mark = 'same'))
  const before = await chat.locator('.mine').first().boundingBox()
  await world.act('messages', { openid, kind: 'text', text: '从别处写的' })
  await me.getByRole('button', { name: '有新消息' }).waitFor()
  assert.deepEqual(await chat.locator('[data-mark=same]').boundingBox(), before, 'nothing was drawn anew and nothing moved')
  await me.getByRole('button', { name: '有新消息' }).click()
  await me.getByRole('button', { name: '有新消息' }).waitFor({ state: 'hidden' })
  assert.deepEqual(faults, [])
  await context.close()
})

test('the clock passes 48 hours and a fault is set: the clerk app says so', async () => {
  const { context, page, faults } = await visitor()
  await page.goto('/phones?p=')
  await add(page, '糖糖妈')
  const { file } = await codePicture()
  await frame(page, '糖糖妈').getByRole('button', { name: '扫一扫' }).click()
  await frame(page, '糖糖妈').getByLabel('选一张二维码图片').setInputFiles(file)
  await frame(page, '糖糖妈').getByText('关注了公众号').waitFor()
  await say(page, '糖糖妈', '奶粉还有吗')
  const clerk = await clerkPhone(browser, world)
  await signIn(clerk.page, '13800000011', password)
  await clerk.page.getByText('奶粉还有吗').click()

  await openDrawer(page)
  const panel = drawer(page)
  await panel.getByRole('button', { name: '下一条客服消息：结果不明' }).click()
  await panel.getByText('做了才断开（结果不明），还有 1 次').waitFor()
  await write(clerk.page, '有的')
  await clerk.page.getByText('不确定有没有送到').waitFor()
  await frame(page, '糖糖妈').locator('.bubble', { hasText: '有的' }).waitFor() // it had arrived
  await panel.getByText('现在一切正常').waitFor()

  await panel.getByText('自己配一个').click()
  await panel.getByRole('combobox', { name: '哪个接口' }).selectOption('/cgi-bin/message/custom/send')
  await panel.getByRole('combobox', { name: '错误码', exact: true }).fill('48002')
  await panel.getByRole('textbox', { name: '坏几次' }).fill('1')
  await panel.getByRole('button', { name: '加上' }).first().click()
  await panel.getByText('返回错误码 48002（对方不收消息），还有 1 次').waitFor()
  await write(clerk.page, '给您留一罐')
  await clerk.page.getByText('没发出去').waitFor()

  const row = panel.getByRole('row', { name: '发客服消息' })
  await row.getByText(/\/ 500000/).waitFor()
  await panel.getByRole('button', { name: '往后 48 小时' }).click()
  await until('the clock', async () => {
    const { now, real } = await world.call(world.sim + '/sim/clock')
    return Date.parse(now) - Date.parse(real) > 47.9 * 3_600_000
  })
  await write(clerk.page, '您还来吗')
  await clerk.page.getByText('已过微信允许的时间').or(clerk.page.getByText('微信现在不让主动发')).first().waitFor()
  assert.equal(await frame(page, '糖糖妈').getByText('您还来吗').count(), 0)
  assert.match(page.url(), /#panel$/)
  await page.reload()
  await panel.waitFor()
  await panel.getByRole('button', { name: '往后 1 小时' }).press('Escape')
  await panel.waitFor({ state: 'hidden' })
  await page.keyboard.press('Enter') // the focus is on what opened it
  await panel.getByRole('button', { name: '回到真实时间' }).click()
  assert.deepEqual(faults, [])
  await clerk.context.close()
  await context.close()
})

test('a person with two accounts: a scanned code leads to the other one, and the address remembers it', async () => {
  const { context, page, faults } = await visitor()
  await page.goto('/phones?p=')
  await add(page, '两头跑')
  const other = { appid: 'wx00000000000000ff', name: '另一家', secret: 's', token: 't' }
  await world.post(world.sim + '/sim/accounts', other)
  const url = 'http://weixin.qq.com/q/other'
  await world.post(world.sim + '/sim/codes', { appid: other.appid, scene: 'x1', ticket: 'other', url, permanent: true })
  const me = frame(page, '两头跑')
  await me.getByRole('button', { name: '扫一扫' }).click()
  await me.getByLabel('二维码里的网址').fill(url)
  await me.getByRole('button', { name: '扫网址' }).click()
  await page.waitForURL('**/phones?p=*.wx00000000000000ff')
  await me.locator('.with', { hasText: '另一家' }).waitFor()
  await me.getByText('关注了公众号').waitFor()
  await me.getByRole('button', { name: '更多', exact: true }).click()
  await me.getByRole('link', { name: 'wx0000000000000001' }).click()
  await page.waitForURL('**/phones?p=*.wx0000000000000001')
  await me.getByRole('button', { name: '关注公众号' }).waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('phones and panel have no serious finding and nothing beside the edge, on a desktop and at 320 px', async () => {
  await until('people', async () => (await world.call(world.sim + '/sim/persons')).length > 1)
  for (const narrow of [false, true]) {
    const { context, page, faults } = await visitor(narrow ? { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true } : {})
    const check = async (what) => {
      assert.deepEqual(await findings(page), [], what)
      assert.equal(await tooWide(page), 0, what)
    }
    await page.goto('/phones?p=p1&p=p2')
    const first = page.getByRole('article').first()
    await first.waitFor()
    await check('phones')
    await first.getByRole('button', { name: '更多', exact: true }).click()
    await check('more')
    await first.getByRole('button', { name: /图片、语音/ }).click()
    await check('tools')
    await first.getByRole('button', { name: '扫一扫', exact: true }).click()
    await check('scan')
    if (narrow) {
      await page.getByRole('navigation').getByRole('link').nth(1).click()
      await page.locator('.tabs .here').nth(0).waitFor()
      await until('the second phone in sight', async () => (await page.getByRole('article').nth(1).boundingBox()).x === 0)
    }
    await openDrawer(page)
    await page.getByText('自己配一个').click()
    await page.getByText('改一个上限').click()
    await page.getByText('最近的接口调用').click()
    await check('drawer')
    await page.getByRole('button', { name: '收起', exact: true }).click()
    await page.getByRole('banner').getByRole('button', { name: /手机/ }).click()
    await check('people')
    await page.getByLabel('按名字找').fill('nobody')
    await page.getByRole('button', { name: '找', exact: true }).click()
    await page.getByText('没有别人了').waitFor()
    await page.goto('/panel')
    await page.getByText('最近的推送').click()
    await check('panel')
    assert.deepEqual(faults, [])
    await context.close()
  }
})

test('when the simulator goes the page says so, and when another comes in its place that the phone is gone', async () => {
  const { context, page } = await visitor()
  await page.goto('/phones?p=')
  await add(page, '晚安')
  const simulator = world.children.find((child) => child.spawnargs.includes('simulator'))
  const gone = new Promise((resolve) => simulator.on('exit', resolve))
  simulator.kill('SIGKILL')
  await gone
  await page.getByText('和模拟器断开了').waitFor()
  world.spawn(['simulator', '--listen', new URL(world.sim).host])
  await page.getByText('和模拟器断开了').waitFor({ state: 'hidden' })
  await frame(page, '晚安').getByText('这部手机不在了').waitFor()
  await page.reload()
  await page.getByText('有 1 部手机找不到了').waitFor()
  await context.close()
})
