// Every form of a phone or of the panel is sent without leaving the page.
import { refresh } from './live.js'

const timers = new WeakMap()

export const goneText = '这部手机不在了：模拟器重启过，里面的人换了一批'

/** Says something at the top of the phone or panel, for a while or for good. */
export function tell(root, text, forGood = false) {
  const toast = root.querySelector('.toast')
  toast.textContent = text
  toast.hidden = false
  clearTimeout(timers.get(toast))
  if (!forGood) timers.set(toast, setTimeout(() => (toast.hidden = true), 6000))
}

/** Posts and draws anew; true when it was done. */
export async function post(root, path, body) {
  let told = {}
  try {
    const answer = await fetch(path, { method: 'POST', body, headers: { Accept: 'application/json' } })
    told = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : {}
    if (!answer.ok) {
      tell(root, told.error ?? goneText)
      return false
    }
  } catch {
    tell(root, '没做成：连不上模拟器')
    return false
  }
  root.querySelector('.toast').hidden = true
  await refresh(root)
  root.dispatchEvent(new CustomEvent('acted', { bubbles: true, detail: { path, leads: told.path } }))
  return true
}

document.addEventListener('submit', async (e) => {
  const root = e.target.closest('[data-live]')
  if (!root) return
  e.preventDefault()
  const form = e.target
  if (form.dataset.busy) return
  form.dataset.busy = 'yes'
  const opens = form.dataset.opens
  if (opens && /^https?:\/\//.test(opens)) window.open(opens, '_blank', 'noopener,noreferrer')
  const data = new FormData(form, e.submitter)
  const plain = form.enctype !== 'multipart/form-data'
  const done = await post(root, form.getAttribute('action'), plain ? new URLSearchParams(data) : data)
  delete form.dataset.busy
  if (!done) return
  if (form.matches('.write')) form.elements.text.dispatchEvent(new CustomEvent('sent', { bubbles: true, detail: data.get('text') }))
  form.closest('details[name]')?.removeAttribute('open')
})

// A chosen file is sent at once, as on a phone.
document.addEventListener('change', (e) => {
  if (!('atOnce' in e.target.dataset) || !e.target.files.length) return
  e.target.form.requestSubmit()
  e.target.form.reset()
})
