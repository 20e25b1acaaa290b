// Bad luck and poor conditions: two tabs, a server that fails, a slow phone and network, large letters.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch, phone, signIn } from './browser.mjs'
import { World, chain, password, until } from './world.mjs'

let world, house, browser, code
before(async () => {
  world = await World.start()
  house = await chain(world)
  browser = await launch()
  code = await house.clerk.post('/api/codes', { kind: 'clerk' })
})
after(async () => {
  await browser?.close()
  await world?.stop()
})

async function comes(name, text) {
  const person = await world.person(name)
  await person.scan(code.url)
  await person.say(text)
  return { ...person, texts: async () => (await person.inbox()).map((m) => m.text).filter(Boolean) }
}

async function write(page, text) {
  await page.getByPlaceholder('写回复').fill(text)
  await page.getByRole('button', { name: '发送', exact: true }).click()
}

test('two tabs of one clerk both tell the truth, and what both wrote offline leaves once', async () => {
  const { context, page, faults } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  const mother = await comes('两边妈妈', '在吗')
  await page.getByText('在吗').click()
  await page.getByText('还可发 5 条').waitFor()
  const other = await context.newPage()
  await other.goto(page.url())
  await other.getByText('还可发 5 条').waitFor()

  await write(page, '第一个窗口写的')
  await other.getByText('第一个窗口写的').waitFor()
  await other.getByText('还可发 4 条').waitFor()
  await write(other, '第二个窗口写的')
  await page.getByText('第二个窗口写的').waitFor()
  await page.getByText('还可发 3 条').waitFor()

  await context.setOffline(true)
  await write(page, '断网时左边写的')
  await write(other, '断网时右边写的')
  await context.setOffline(false)
  await until('all four', async () => (await mother.texts()).length === 4)
  await world.settle()
  assert.deepEqual((await mother.texts()).sort(), ['断网时右边写的', '断网时左边写的', '第一个窗口写的', '第二个窗口写的'].sort())
  for (const p of [page, other]) {
    await p.getByText('等联网后发出').waitFor({ state: 'detached' })
    for (const text of ['断网时左边写的', '断网时右边写的']) {
      await p.getByRole('log').getByText(text).first().waitFor()
      assert.equal(await p.getByRole('log').getByText(text).count(), 1)
    }
  }
  assert.deepEqual(faults, [])
  await context.close()
})

test('a server that fails keeps nobody from writing: what was typed stays and leaves once when it works again', async () => {
  const { context, page } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  const father = await comes('倒霉爸爸', '奶瓶有货吗')
  await page.getByText('奶瓶有货吗').click()
  await page.getByText('还可发 5 条').waitFor()
  let failing = true
  let taken = 0
  await page.route('**/api/conversations/*/messages', async (route) => {
    if (route.request().method() !== 'POST' || !failing) return route.continue()
    if (taken++ > 0) await route.fetch() // the server took it, the answer is lost
    return route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"reason":"busy"}' })
  })
  await write(page, '有的，给您留一个')
  await page.getByText('有的，给您留一个').waitFor()
  await until('a second try', async () => taken >= 2, 20_000)
  failing = false
  await page.getByText('已发送').waitFor({ timeout: 40_000 })
  await world.settle()
  assert.deepEqual(await father.texts(), ['有的，给您留一个'])
  await context.close()
})

test('lists that fail to load say so and load when asked again', async () => {
  const { context, page } = await phone(browser, world)
  await signIn(page, '13800000012', password)
  await page.route('**/api/members?*', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"reason":"internal"}' }))
  await page.goto('/app/members')
  await page.getByText('没能加载出来').waitFor({ timeout: 20_000 })
  assert.deepEqual(await findings(page), [])
  await page.unrouteAll({ behavior: 'wait' })
  await page.getByRole('button', { name: '重试' }).click()
  await page.getByText('您还没有会员').waitFor()
  await context.close()
})

test('on a slow phone with a slow network a tap answers within a tenth of a second', async () => {
  const { context, page } = await phone(browser, world)
  await signIn(page, '13800000011', password)
  await comes('慢网妈妈', '慢慢来')
  await page.locator('.row .open', { hasText: '慢慢来' }).waitFor()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 20_000 })
  // From the tap to the first frame that shows what it did, in the page's own time.
  const answersIn = (page, selector, shown) =>
    page.evaluate(
      ([selector, shown]) =>
        new Promise((resolve) => {
          const began = performance.now()
          document.querySelector(selector).click()
          const look = () => (document.querySelector(shown) ? resolve(performance.now() - began) : requestAnimationFrame(look))
          look()
        }),
      [selector, shown],
    )
  const took = []
  for (let n = 0; n < 5; n++) {
    took.push(await answersIn(page, '.tabs button:nth-child(2)', '.tabs button:nth-child(2)[aria-pressed=true]'))
    took.push(await answersIn(page, '.tabs button:nth-child(1)', '.tabs button:nth-child(1)[aria-pressed=true]'))
  }
  took.sort((a, b) => a - b)
  assert.ok(took[5] < 100, `the median tap took ${took[5]} ms`)
  await context.close()
})

// What WeChat's setting for larger letters does to a page: every text grows, the boxes round it do not.
function enlarge(factor) {
  const sizes = [...document.body.querySelectorAll('*')].map((el) => [el, parseFloat(getComputedStyle(el).fontSize)])
  for (const [el, size] of sizes) el.style.fontSize = size * factor + 'px'
}

// Buttons and links that stick out of the screen sideways, so that a thumb does not reach all of them.
function outside() {
  return [...document.querySelectorAll('button, a, input, textarea')]
    .filter((el) => el.checkVisibility() && !el.closest('.visually-hidden') && !el.matches('.visually-hidden'))
    .map((el) => [el.getBoundingClientRect(), el])
    .filter(([box, el]) => box.width > 1 && (box.left < -1 || box.right > innerWidth + 1) && !el.closest('[data-scrolls]'))
    .map(([, el]) => el.outerHTML.slice(0, 80))
}

test('with letters half as large again everything can still be read and reached at 320 px', async () => {
  const { context, page } = await phone(browser, world, { context: { viewport: { width: 320, height: 640 } } })
  await signIn(page, '13800000011', password)
  await comes('大字妈妈', '字太小我看不清楚呀，能发大一点的图片吗')
  await page.locator('.row .open', { hasText: '字太小' }).waitFor()
  const look = async (place) => {
    await page.evaluate(enlarge, 1.5)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    assert.ok(wide <= 0, `${place} is ${wide} px too wide`)
    assert.deepEqual(await page.evaluate(outside), [], place)
    assert.deepEqual(await findings(page), [], place)
  }
  for (const place of ['/app/chats', '/app/members', '/app/code', '/app/me']) {
    await page.goto(place)
    await page.getByRole('navigation').waitFor()
    if (place === '/app/chats') await page.locator('.row .open').first().waitFor()
    await look(place)
  }
  await page.goto('/app/chats')
  await page.locator('.row .open', { hasText: '字太小' }).click()
  await page.getByText('还可发').waitFor()
  await look('a chat')
  await page.getByRole('link', { name: '档案' }).click()
  await page.getByText('归属记录').waitFor()
  await look('a file')
  await context.close()
})
