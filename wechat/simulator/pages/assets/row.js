// The row of phones: the dialog that adds one, the drawer, the tabs of a narrow window, badges, another account.
import { refresh } from './live.js'

const people = document.getElementById('people')
const drawer = document.getElementById('drawer')

function showDrawer(wanted) {
  drawer.hidden = !wanted
  if (wanted) refresh(drawer.querySelector('[data-live]'))
  for (const button of document.querySelectorAll('[data-drawer]')) button.setAttribute('aria-expanded', String(wanted))
  // The address says it, so that a reload shows the same.
  const url = new URL(location)
  url.hash = wanted ? 'panel' : ''
  history.replaceState(null, '', url)
}

document.addEventListener('click', (e) => {
  if (e.target.closest('[data-dialog]')) people.showModal()
  if (e.target.closest('[data-shut]')) people.close()
  if (e.target.closest('[data-drawer]')) {
    showDrawer(drawer.hidden)
    if (drawer.hidden) document.querySelector('[data-drawer]').focus()
    else drawer.querySelector('button').focus()
  }
  const swap = e.target.closest('[data-swap]')
  if (swap && drawer) {
    e.preventDefault()
    exchange(swap.closest('.phone'), swap.getAttribute('href'))
  }
})
drawer?.addEventListener('keydown', (e) => {
  if (e.key !== 'Escape') return
  showDrawer(false)
  document.querySelector('[data-drawer]').focus()
})
document.addEventListener('submit', async (e) => {
  const into = document.getElementById(e.target.dataset.into)
  if (!into) return
  e.preventDefault()
  const answer = await fetch(e.target.getAttribute('action') + '?' + new URLSearchParams(new FormData(e.target)))
  if (answer.ok) into.innerHTML = await answer.text() // drawn and escaped by the server
})

/** Another account on the same phone; the address follows. */
function exchange(phone, path) {
  const [, , person, appid] = path.split('/')
  const url = new URL(location)
  const names = [...document.querySelectorAll('.phone')].map((p) => (p === phone ? `${person}.${appid}` : p.dataset.name))
  url.search = new URLSearchParams(names.map((n) => ['p', n]))
  location.assign(url)
}
// A code of another account, scanned, shows that account.
document.addEventListener('acted', (e) => {
  const { path, leads } = e.detail
  if (!path.endsWith('/scan') || !leads || leads === e.target.dataset.path) return
  if (drawer) exchange(e.target, leads)
  else location.assign(leads)
})

function badges() {
  let all = 0
  for (const phone of document.querySelectorAll('.phone')) {
    const n = Number(phone.querySelector('[data-unread]').dataset.unread)
    all += n
    const badge = document.querySelector(`[data-badge="${phone.id}"]`)
    if (badge) [badge.hidden, badge.textContent] = [n === 0, String(n)]
  }
  document.title = (all ? `(${all}) ` : '') + document.title.replace(/^\(\d+\) /, '')
}
document.addEventListener('drawn', badges)

// In a narrow window the tab of the phone that is seen is marked.
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) document.querySelector(`.tabs a[href="#${target.id}"]`)?.classList.toggle('here', isIntersecting)
  },
  { threshold: 0.6 },
)
for (const phone of document.querySelectorAll('.phone')) seen.observe(phone)

if (document.querySelector('.phone')) badges()
if (drawer && location.hash === '#panel') showDrawer(true)
