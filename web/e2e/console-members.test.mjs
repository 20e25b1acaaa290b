import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
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

const owner = '13800000001'
const manager = '13800000010'
const drawer = (page) => page.locator('.el-drawer')

test('a member is added, his twin is offered, and his file takes facts, tags and notes that stay', async () => {
  const { page, context, faults, pick, dialog, said } = await desk(browser, world, manager, { path: '/members' })
  await page.getByRole('button', { name: '新增会员' }).click()
  assert.deepEqual(await findings(page), [])
  await page.fill('#new-name', '林小雨')
  await page.fill('#new-phone', '139 1234 5678')
  await pick('#new-clerk', '王芳')
  await dialog('新增会员').getByRole('button', { name: '保存' }).click()
  await said('会员已新增')
  await drawer(page).getByText('139****5678').waitFor()

  await drawer(page).getByRole('button', { name: '修改资料' }).click()
  const edit = dialog('修改资料')
  await page.fill('#edit-card', 'XH0001')
  await page.fill('#edit-birthday', '1990-02-03')
  await page.selectOption('#edit-sex', 'female')
  await page.selectOption('#edit-class', 'seed')
  await page.fill('#edit-sub', '新生儿妈妈')
  await page.selectOption('#edit-channel', 'wechat')
  await page.fill('#edit-hours', '晚上八点后')
  await edit.getByRole('button', { name: '加一个孩子' }).click()
  await edit.getByLabel('小名').fill('豆豆')
  await edit.getByLabel('孩子生日').fill('2024-05-01')
  assert.deepEqual(await findings(page), [])
  await edit.getByRole('button', { name: '保存' }).click()
  await said('资料已保存')
  for (const fact of ['XH0001', '1990-02-03 · 女', '种子会员 新生儿妈妈', '豆豆 2024-05-01', '微信 · 晚上八点后']) await drawer(page).getByText(fact).waitFor()

  await drawer(page).getByPlaceholder('输入标签').fill('VIP')
  await page.keyboard.press('Enter')
  await drawer(page).getByRole('button', { name: '去掉标签 VIP' }).waitFor()
  await drawer(page).getByPlaceholder('输入标签').fill('爱团购')
  await page.keyboard.press('Enter')
  await drawer(page).getByRole('button', { name: '去掉标签 爱团购' }).waitFor()
  await drawer(page).getByRole('button', { name: '去掉标签 VIP' }).click()
  await drawer(page).getByRole('button', { name: '去掉标签 VIP' }).waitFor({ state: 'detached' })

  await drawer(page).getByPlaceholder('写给同事看的').fill('对乳糖不耐受')
  await drawer(page).getByRole('button', { name: '保存备注' }).click()
  await drawer(page).getByText('对乳糖不耐受').waitFor()
  await drawer(page).getByRole('tab', { name: '经历' }).click()
  await drawer(page).getByText('周敏 写了备注：对乳糖不耐受').waitFor()
  await drawer(page).getByText('归 王芳（手工）').waitFor()
  assert.deepEqual(await findings(page), [])
  await drawer(page).getByRole('tab', { name: '备注' }).click()
  await drawer(page).getByRole('button', { name: '删除 周敏 的备注' }).click()
  await dialog('删除这条备注').getByRole('button', { name: '删除' }).click()
  await drawer(page).getByText('还没有备注').waitFor()
  await drawer(page).getByRole('button', { name: '查看', exact: true }).click()
  await drawer(page).getByText('+8613912345678').waitFor()

  const { items } = await house.owner.get('/api/members?tag=' + encodeURIComponent('爱团购'))
  assert.equal(items.length, 1)
  assert.equal(items[0].class, 'seed')
  assert.deepEqual(items[0].tags, ['爱团购'])

  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: '新增会员' }).click()
  await page.fill('#new-name', '又一个')
  await page.fill('#new-phone', '13912345678')
  await dialog('新增会员').getByRole('button', { name: '保存' }).click()
  await page.getByRole('button', { name: '打开那位会员' }).click()
  await drawer(page).getByText('林小雨').first().waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('a follower whom nobody knows is tied to the member of the till, and two files become one and two again', async () => {
  const code = await house.clerk.post('/api/codes', { kind: 'clerk' })
  const visitor = await world.person('路人')
  await visitor.scan(code.url)
  await visitor.say('我是老会员呀')
  await world.settle()
  await house.clerk.post('/api/members', { name: '周婷', phone: '13987654321', card_no: 'XH0002' })
  await house.clerk.post('/api/members', { name: '周亭', phone: '13987650000' })

  const { page, context, faults, dialog, said } = await desk(browser, world, manager, { path: '/conversations' })
  await page.locator('.row', { hasText: '我是老会员呀' }).click()
  await page.getByRole('button', { name: '会员资料' }).click()
  await drawer(page).getByText('认出他是谁').waitFor()
  await drawer(page).getByLabel('找已有会员').last().fill('XH0002')
  await drawer(page).getByRole('button', { name: '确认是他' }).click()
  await dialog('这个微信是 周婷？').getByRole('button', { name: '确认是他' }).click()
  await said('已认好')
  await page.locator('.pane strong', { hasText: '周婷' }).waitFor()

  await page.goto('/console/members')
  await page.getByRole('button', { name: '周婷' }).click()
  await drawer(page).getByRole('tab', { name: '合并' }).click()
  await drawer(page).getByRole('button', { name: '找另一份资料' }).click()
  await drawer(page).getByLabel('找另一份资料').fill('周亭')
  await drawer(page).getByRole('button', { name: '看看会怎样' }).click()
  await drawer(page).getByText('移过来 1 个手机号').waitFor()
  assert.deepEqual(await findings(page), [])
  await drawer(page).getByRole('button', { name: '合并', exact: true }).click()
  await said('已合并')
  const found = async (q) => (await house.owner.get('/api/members?q=' + encodeURIComponent(q))).items.map((m) => m.name)
  assert.deepEqual(await found('周亭'), [])
  assert.deepEqual(await found('13987650000'), ['周婷'])
  await drawer(page).getByRole('button', { name: '撤销合并' }).nth(1).waitFor() // the tie can be taken back too; the newest stands first
  await drawer(page).getByRole('button', { name: '撤销合并' }).first().click()
  await dialog('撤销这次合并').getByRole('button', { name: '撤销合并' }).click()
  await said('已撤销')
  assert.deepEqual(await found('13987650000'), ['周亭'])
  assert.deepEqual(faults, [])
  await context.close()
})

test('a table with more than a hundred members pages on the server, and filters narrow it', async () => {
  const lines = ['姓名,手机号,标签', ...Array.from({ length: 120 }, (_, i) => `会员${i},1370000${String(1000 + i)},${i < 3 ? '试用装' : ''}`)]
  const up = await fetch(world.url + '/api/member_imports', { method: 'POST', headers: { ...house.owner.headers, 'Content-Type': 'text/csv' }, body: '\ufeff' + lines.join('\n') }).then((r) => r.json())
  await house.owner.post(`/api/member_imports/${up.id}/run`, { mapping: up.mapping, duplicates: 'refuse', store_id: house.store.id })
  await until('the import', async () => (await house.owner.get('/api/member_imports/' + up.id)).state === 'done')

  const { page, context, faults, pick } = await desk(browser, world, owner, { path: '/members' })
  const asked = []
  page.on('request', (r) => r.url().includes('/api/members?') && asked.push(new URL(r.url()).searchParams))
  await page.locator('.size').selectOption('50')
  const rows = page.locator('.el-table__row')
  await until('fifty rows', async () => (await rows.count()) === 50)
  const first = await rows.first().innerText()
  await page.getByRole('button', { name: '下一页' }).click()
  await page.getByText('第 2 页').waitFor()
  await until('other rows', async () => (await rows.first().innerText()) !== first)
  await page.getByRole('button', { name: '下一页' }).click()
  await page.getByText('第 3 页').waitFor()
  await page.getByRole('button', { name: '上一页' }).click()
  await page.getByRole('button', { name: '上一页' }).click()
  await until('the first page again', async () => (await rows.first().innerText()) === first)
  assert.ok(asked.length >= 3 && asked.every((q) => Number(q.get('limit')) === 50), 'no call fetched more than a page')
  await pick(page.getByRole('combobox', { name: '标签' }), '试用装')
  await until('three rows', async () => (await rows.count()) === 3)
  await page.getByRole('button', { name: '清空筛选' }).click()
  await page.getByText('只看没有店员的').click()
  await until('those without a clerk', async () => (await rows.count()) === 50)
  await page.getByPlaceholder('姓名、拼音首字母').fill('没有这个人')
  await page.getByText('没有符合条件的会员').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('an Excel file is looked at and taken in, and the refused rows come as a file with their reasons', async () => {
  const { page, context, faults, dialog, download } = await desk(browser, world, manager, { path: '/members/imports' })
  const sheet = xlsx([['会员姓名', '手机', '卡号'], ['甲一', '13911119001', 'K1'], ['甲二', '139', 'K2'], ['甲三', '13911119003', 'K3']])
  await page.locator('input[type=file]').setInputFiles({ name: '会员.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: sheet })
  await page.getByText('共 3 行').waitFor()
  await page.getByRole('cell', { name: '甲三' }).waitFor()
  assert.deepEqual(await findings(page), [])
  await page.getByRole('button', { name: '开始导入' }).click()
  await dialog('导入这份表格').getByRole('button', { name: '开始导入' }).click()
  await page.getByText('已读 3 / 3 行：新增 2，补充 0，未导入 1').waitFor()
  assert.deepEqual(await findings(page), [])
  const refused = await download(() => page.getByRole('link', { name: '下载未导入的行' }).first().click())
  const text = refused.bytes.toString()
  assert.ok(text.includes('甲二') && !text.includes('甲一'), text)
  assert.match(text.split('\n')[1], /phone|手机/)

  await page.locator('input[type=file]').setInputFiles({ name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from('PK\u0003\u0004 no table') })
  await page.locator('.el-message--error').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('a file of purchases is read as sales and shown in yuan, taken in once, and its refused rows come with their numbers', async () => {
  const { page, context, faults, dialog, download } = await desk(browser, world, manager, { path: '/members' })
  await page.getByRole('button', { name: '导入 / 导出' }).click()
  await page.locator('.el-dropdown-menu__item:visible', { hasText: '导入消费' }).click()
  await page.getByRole('heading', { level: 1, name: '导入消费' }).waitFor()
  await house.clerk.post('/api/members', { name: '买奶粉的', phone: '13911118001', card_no: 'P1' })
  const table = ['小票号,卡号,交易时间,整单,商品,分类,小计', 'X1,P1,2026-01-02 10:30,,奶粉,奶粉,"1,200.50"', 'X1,,,,湿巾,洗护,9.90', '', 'X2,P9,2026-01-03,,米粉,辅食,20', 'X3,P1,2026-01-03,,米粉,辅食,￥20'].join('\n')
  const file = { name: '消费.csv', mimeType: 'text/csv', buffer: Buffer.from('\ufeff' + table) }
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByText('共 4 行').waitFor()
  const sales = page.getByRole('region', { name: '头几单会这样导入' }).locator('tbody tr')
  await until('the first sales', async () => (await sales.count()) === 3)
  const read = async () => (await sales.allInnerTexts()).map((l) => l.split('\t'))
  assert.deepEqual((await read()).map((c) => [c[0], c[1], c[4], c[5], c[6]]), [
    ['2', 'X1', '¥1,210.40', '2', '会新增'],
    ['5', 'X2', '¥20.00', '1', '没有这位会员'],
    ['6', 'X3', '¥20.00', '1', '会新增'],
  ])
  assert.deepEqual(await findings(page), [])
  await page.getByLabel('金额（整单，元）').selectOption({ label: '整单' }) // an empty column changes nothing
  await page.getByLabel('付款时间').selectOption({ label: '商品' })
  await until('the times cannot be read', async () => (await read()).map((c) => c[6]).join() === '同一单号的各行写得不一样,付款时间看不懂,付款时间看不懂')
  await page.getByLabel('付款时间').selectOption('')
  await page.getByText('还有必选的列没有选').waitFor()
  assert.ok(await page.getByRole('button', { name: '开始导入' }).isDisabled())
  await page.getByLabel('付款时间').selectOption({ label: '交易时间' })
  await until('they can again', async () => (await read()).map((c) => c[6]).join() === '会新增,没有这位会员,会新增')
  await page.setViewportSize({ width: 390, height: 844 })
  assert.equal(await tooWide(page), 0)
  await page.setViewportSize({ width: 1280, height: 800 })
  const take = async (counts) => {
    await page.getByRole('button', { name: '开始导入' }).click()
    await dialog('导入这份表格').getByRole('button', { name: '开始导入' }).click()
    await page.getByText(counts).waitFor()
  }
  await take('已读 4 / 4 行：新增 2 单，已有 0 单，未导入 1 单')
  assert.deepEqual(await findings(page), [])
  const refused = (await download(() => page.getByRole('link', { name: '下载未导入的行' }).first().click())).bytes.toString()
  assert.ok(refused.includes('X2,P9,2026-01-03,,米粉,辅食,20,5,member_unknown') && !refused.includes('X1'), refused)
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByText('已有，不变').first().waitFor()
  await take('新增 0 单，已有 2 单，未导入 1 单')
  await page.getByRole('link', { name: '导入会员' }).click()
  await page.getByRole('heading', { level: 1, name: '导入会员' }).waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('exports are bound to the role: the manager gets his store without phones, the owner may have phones, others nothing; all of it is in the log', async () => {
  const m = await desk(browser, world, manager, { path: '/members' })
  await m.menu(m.page.getByRole('button', { name: '导入 / 导出' }), '导出会员')
  assert.equal(await m.page.getByText('包含完整手机号').count(), 0)
  assert.deepEqual(await findings(m.page), [])
  await m.page.getByText('CSV 表格').click()
  const csv = await m.download(() => m.dialog('导出会员').getByRole('button', { name: '导出', exact: true }).click())
  assert.match(csv.name, /\.csv$/)
  assert.ok(csv.bytes.toString().includes('林小雨'))
  assert.ok(!csv.bytes.toString().includes('13912345678'))
  await m.context.close()

  const o = await desk(browser, world, owner, { path: '/members' })
  await o.menu(o.page.getByRole('button', { name: '导入 / 导出' }), '导出会员')
  await o.page.getByText('包含完整手机号').click()
  const excel = await o.download(() => o.dialog('导出会员').getByRole('button', { name: '导出', exact: true }).click())
  assert.equal(excel.bytes.subarray(0, 2).toString(), 'PK')
  await o.page.goto('/console/audits')
  await o.pick(o.page.getByRole('combobox', { name: '做了什么' }), '导出会员')
  const rows = o.page.locator('.el-table__row')
  await until('two exports in the log', async () => (await rows.count()) === 2)
  await rows.filter({ hasText: '周敏' }).filter({ hasText: '完整手机号：否' }).waitFor()
  await rows.filter({ hasText: '陈国栋' }).filter({ hasText: '完整手机号：是' }).waitFor()
  assert.deepEqual([...m.faults, ...o.faults], [])
  await o.context.close()
})

/** A workbook of one sheet, as small as Excel reads it. */
function xlsx(rows) {
  const cell = (v) => `<c t="inlineStr"><is><t>${v}</t></is></c>`
  const files = {
    '[Content_Types].xml':
      '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    '_rels/.rels':
      '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    'xl/workbook.xml':
      '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    'xl/worksheets/sheet1.xml': `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows.map((r) => `<row>${r.map(cell).join('')}</row>`).join('')}</sheetData></worksheet>`,
  }
  return zip(files)
}

/** A ZIP archive of some texts. */
function zip(files) {
  const table = Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1
    return n >>> 0
  })
  const crc = (b) => (b.reduce((c, x) => table[(c ^ x) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0
  const parts = []
  const central = []
  let at = 0
  for (const [name, text] of Object.entries(files)) {
    const raw = Buffer.from(text)
    const packed = deflateRawSync(raw)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(8, 4)
    head.writeUInt32LE(crc(raw), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(raw.length, 18)
    head.writeUInt16LE(name.length, 22)
    parts.push(Buffer.from('PK\x03\x04'), head, Buffer.from(name), packed)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, tail, Buffer.from(name)]))
    at += 4 + head.length + name.length + packed.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(central.length, 4)
  end.writeUInt16LE(central.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...parts, directory, Buffer.from('PK\x05\x06'), end])
}
