// What makes a frame behave like a phone: the chat that stays where one reads, sheets, drafts, pictures pasted or dropped.
import { goneText, post, tell } from './forms.js'

const phones = () => document.querySelectorAll('.phone')
const chatOf = (phone) => phone.querySelector('.chat')
const isDown = (chat) => chat.scrollHeight - chat.scrollTop - chat.clientHeight < 40
const toEnd = (chat) => (chat.scrollTop = chat.scrollHeight)
const away = new WeakSet() // chats that are read further up

let active = phones().length === 1 ? phones()[0] : null

/** Who reads the newest lines has seen them. */
function look(phone) {
  if (phone !== active || document.hidden || away.has(chatOf(phone))) return
  if (Number(phone.querySelector('[data-unread]').dataset.unread) > 0) post(phone, phone.dataset.path + '/look')
}

function activate(target) {
  const phone = target.closest?.('.phone')
  if (!phone) return
  active = phone
  for (const p of phones()) p.classList.toggle('active', p === phone && phones().length > 1)
  look(phone)
}
document.addEventListener('pointerdown', (e) => activate(e.target))
document.addEventListener('focusin', (e) => activate(e.target))
document.addEventListener('visibilitychange', () => active && look(active))

// A chat at its end stays there, also when a picture has loaded; elsewhere a button tells of what is new.
function adopt(phone) {
  const chat = chatOf(phone)
  const newer = phone.querySelector('.newer')
  let count = 0
  toEnd(chat)
  new ResizeObserver(() => !away.has(chat) && toEnd(chat)).observe(chat)
  chat.addEventListener('load', () => !away.has(chat) && toEnd(chat), true)
  chat.addEventListener('scroll', () => {
    if (!isDown(chat)) return void away.add(chat)
    away.delete(chat)
    newer.hidden = true
    look(phone)
  })
  newer.addEventListener('click', () => toEnd(chat))
  phone.addEventListener('drawing', () => (count = chat.querySelectorAll('.line').length))
  phone.addEventListener('drawn', () => {
    recall(phone)
    if (!away.has(chat)) toEnd(chat)
    else if (chat.querySelectorAll('.line').length > count) newer.hidden = false
    look(phone)
  })
  phone.addEventListener('gone', () => tell(phone, goneText, true))
  phone.addEventListener('acted', (e) => {
    if (/\/(look|refuses)$/.test(e.detail.path)) return
    away.delete(chat)
    toEnd(chat)
    shut(phone)
  })
  recall(phone)
}

// Sheets: at most one is open in a phone.
function shut(phone) {
  for (const sheet of phone.querySelectorAll('.sheet')) sheet.hidden = true
  for (const button of phone.querySelectorAll('[data-open]')) button.setAttribute('aria-expanded', 'false')
}
function open(phone, id) {
  shut(phone)
  const sheet = document.getElementById(id)
  sheet.hidden = false
  for (const button of phone.querySelectorAll(`[data-open="${id}"]`)) button.setAttribute('aria-expanded', 'true')
  sheet.querySelector('a, button, input, select, summary')?.focus()
}
document.addEventListener('click', (e) => {
  const button = e.target.closest('[data-open]')
  if (!button) return
  const phone = button.closest('.phone')
  if (button.getAttribute('aria-expanded') === 'true') shut(phone)
  else open(phone, button.dataset.open)
})
document.addEventListener('keydown', (e) => {
  const phone = e.target.closest?.('.phone')
  if (!phone) return
  if (e.key === 'Escape' && phone.querySelector('.sheet:not([hidden])')) {
    shut(phone)
    phone.querySelector('.foot button')?.focus()
  }
  if (e.key === 'Enter' && !e.shiftKey && !e.isComposing && e.target.matches('.write textarea')) {
    e.preventDefault()
    e.target.form.requestSubmit()
  }
})

// What is half written survives adding a phone, a reload and being told to follow first.
const draft = (phone) => 'draft ' + phone.dataset.path
function recall(phone) {
  const box = phone.querySelector('.write textarea')
  if (box && !box.value) box.value = sessionStorage.getItem(draft(phone)) ?? ''
}
document.addEventListener('input', (e) => {
  if (e.target.matches('.write textarea')) sessionStorage.setItem(draft(e.target.closest('.phone')), e.target.value)
})
document.addEventListener('sent', (e) => {
  if (e.target.value !== e.detail) return // written on while it was sent
  e.target.value = ''
  sessionStorage.removeItem(draft(e.target.closest('.phone')))
})

// Pictures from the clipboard or dropped: scanned where the scanner is open, otherwise the visitor is asked.
const pictures = new WeakMap()
function take(phone, file) {
  if (!phone.querySelector('.write') || phone.querySelector('[id^="scan-"].sheet:not([hidden])')) return void use(phone, 'scan', file)
  pictures.set(phone, file)
  const sheet = phone.querySelector('[id^="picture-"].sheet')
  open(phone, sheet.id)
  const preview = sheet.querySelector('img')
  URL.revokeObjectURL(preview.src)
  preview.src = URL.createObjectURL(file)
}
function use(phone, act, file) {
  const body = new FormData()
  body.set('file', file, 'picture')
  return post(phone, `${phone.dataset.path}/${act}`, body)
}
document.addEventListener('click', (e) => {
  const act = e.target.dataset?.picture
  const phone = act && e.target.closest('.phone')
  if (phone && pictures.has(phone)) use(phone, act, pictures.get(phone))
})
const pictureOf = (items) => [...(items?.files ?? [])].find((f) => f.type.startsWith('image/'))
document.addEventListener('paste', (e) => {
  const file = pictureOf(e.clipboardData)
  if (!file || !active) return
  e.preventDefault()
  take(active, file)
})
const under = (e) => e.target.closest?.('.phone')
document.addEventListener('dragover', (e) => {
  const phone = under(e)
  if (phone) e.preventDefault()
  for (const p of phones()) p.classList.toggle('over', p === phone)
})
document.addEventListener('dragleave', (e) => !e.relatedTarget && phones().forEach((p) => p.classList.remove('over')))
document.addEventListener('drop', (e) => {
  const phone = under(e)
  phones().forEach((p) => p.classList.remove('over'))
  if (!phone) return
  e.preventDefault()
  const file = pictureOf(e.dataTransfer)
  if (file) take(phone, file)
  else tell(phone, '这里只收图片')
})

phones().forEach(adopt)
