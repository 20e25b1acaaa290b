import { beforeEach, expect, test } from 'vitest'
import { nameDialogs } from './vant'

const settle = () => new Promise((resolve) => setTimeout(resolve))

beforeEach(() => {
  document.body.innerHTML = ''
  nameDialogs(document.body)
})

function box(name: string): HTMLElement {
  const el = document.createElement('div')
  el.className = name
  el.setAttribute('role', 'dialog')
  return el
}

test('a dialog is called by its title, and the next question in the same box by its own', async () => {
  const dialog = box('van-dialog')
  dialog.setAttribute('aria-labelledby', '退出登录')
  document.body.append(dialog)
  await settle()
  expect([dialog.getAttribute('aria-label'), dialog.hasAttribute('aria-labelledby')]).toEqual(['退出登录', false])
  dialog.setAttribute('aria-labelledby', '再发一次')
  await settle()
  expect(dialog.getAttribute('aria-label')).toBe('再发一次')
})

test('a passing word is a status, not a dialog', async () => {
  const toast = box('van-toast')
  document.body.append(toast)
  await settle()
  expect(toast.getAttribute('role')).toBe('status')
})
