import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findings } from './axe.mjs'
import { launch } from './browser.mjs'
import { desk } from './desk.mjs'
import { World, chain, until } from './world.mjs'

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

const owner = '13800000001'

test('greeting, second-scan rule, limits and name are kept', async () => {
  const { page, context, faults, said, dialog } = await desk(browser, world, owner, { path: '/account' })
  const card = (title) => page.locator('section.card', { has: page.getByRole('heading', { name: title, exact: true }) })
  await card('欢迎语').getByLabel('欢迎语内容').fill('您好，我是')
  await card('欢迎语').getByRole('button', { name: '店员姓名' }).click()
  await card('欢迎语').getByRole('button', { name: '保存' }).click()
  await said('欢迎语已保存')
  await card('重复扫码规则').getByText('由店长决定').click()
  await card('重复扫码规则').getByRole('button', { name: '保存' }).click()
  await said('规则已保存')
  await card('等待提醒').getByLabel('变红').fill('45')
  await card('等待提醒').getByLabel('变黄').fill('7')
  await page.keyboard.press('Tab')
  await card('等待提醒').getByRole('button', { name: '保存' }).click()
  await said('等待提醒已保存')
  await card('显示名称').getByLabel('公众号名').fill('小禾母婴生活馆')
  await card('显示名称').getByRole('button', { name: '保存' }).click()
  await said('名称已保存') // the fourth word at once, and seen like the first
  await page.locator('header .brand', { hasText: '小禾母婴生活馆' }).waitFor()
  const kept = await house.owner.get('/api/account')
  assert.deepEqual(
    { greeting: kept.greeting, second: kept.second_scan, amber: kept.wait_amber_minutes, red: kept.wait_red_minutes },
    { greeting: '您好，我是{clerk}', second: 'ask', amber: 7, red: 45 },
  )
  await page.getByLabel('令牌（Token）').fill('不行!')
  await page.getByLabel('令牌（Token）').press('Enter')
  await dialog('替换令牌').getByRole('button', { name: '替换' }).click()
  await page.locator('.el-message--error').waitFor()
  assert.equal(await page.getByLabel('令牌（Token）').inputValue(), '不行!', 'what was refused stays to be mended')
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('the connection check tells in words what is wrong and what to do', async () => {
  const { page, context, faults } = await desk(browser, world, owner, { path: '/account' })
  const line = (what) => page.locator('.checks li', { has: page.locator('.what', { hasText: what }) })
  const check = async () => {
    const answered = page.waitForResponse((r) => r.url().endsWith('/api/account/check'))
    await page.getByRole('button', { name: /开始检查|再查一次/ }).click()
    await answered
    await page.locator('.checks').waitFor()
  }
  const faulty = async (code, tell) => {
    await world.post(world.sim + '/sim/faults', { kind: 'errcode', code })
    await check()
    await tell()
    await fetch(world.sim + '/sim/faults', { method: 'DELETE' })
  }
  await check()
  for (const fine of ['AppSecret', '请求微信接口', '回调可达']) await line(fine).getByText('正常').waitFor()
  await line('消息密钥').getByText('还是明文模式').waitFor()
  await faulty(40125, async () => {
    await line('AppSecret').getByText('微信说 AppSecret 不对').waitFor()
    await line('AppSecret').getByText('重置 AppSecret').waitFor()
  })
  await faulty(40164, async () => {
    await line('AppSecret').getByText('IP 不在微信的白名单里').waitFor()
    await line('AppSecret').getByText('加上上面这个 IP').waitFor()
  })
  // Another key here than at WeChat: what it sends is refused, and the check says so.
  await fetch(world.url + '/api/account', {
    method: 'PATCH', headers: { ...house.owner.headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ aes_key: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' }),
  })
  const p = await world.person('甲')
  await until('a push is refused', async () => {
    await p.follow().catch(() => undefined)
    await p.unfollow().catch(() => undefined)
    await check()
    return (await line('消息密钥').getByText('微信发来的却没有加密').count()) > 0
  })
  await line('消息密钥').getByText('选“安全模式”，填同一个消息密钥').waitFor()
  // The address from outside leads nowhere.
  await world.kill()
  world.env.LIUKE_PUBLIC_URL = 'http://127.0.0.1:9'
  await world.serve()
  await check()
  await line('回调可达').getByText('从外面访问不到').waitFor()
  await line('回调可达').getByText('检查域名和防火墙').waitFor()
  assert.deepEqual(await findings(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})
