// Looks again whenever the simulator hints that something changed, and replaces only what is different, so that nothing
// jumps and no focus is lost.
const roots = () => document.querySelectorAll('[data-live]')
const drawn = new WeakMap() // root -> what the server drew last, by part; line by line in a keyed part
const busy = new WeakMap()

const keysOf = (part) => [...part.querySelectorAll(':scope > [data-key]')]
function remember(root, doc) {
  const parts = new Map()
  for (const part of doc.querySelectorAll('[data-part]')) {
    if (!('keyed' in part.dataset)) parts.set(part.dataset.part, part.outerHTML)
    else for (const line of keysOf(part)) parts.set('#' + line.dataset.key, line.outerHTML)
  }
  drawn.set(root, parts)
  return parts
}

function mergeLines(old, next, before, after) {
  const there = new Map(keysOf(old).map((line) => [line.dataset.key, line]))
  let last = null
  for (const line of keysOf(next)) {
    const key = line.dataset.key
    let node = there.get(key)
    there.delete(key)
    if (!node) {
      node = line
      if (last) last.after(node)
      else old.prepend(node)
    } else if (before.get('#' + key) !== after.get('#' + key)) {
      node.replaceWith(line)
      node = line
    }
    last = node
  }
  for (const gone of there.values()) gone.remove()
}

function replace(old, next) {
  const held = old.contains(document.activeElement) && document.activeElement.id
  old.replaceWith(next)
  if (held) document.getElementById(held)?.focus({ preventScroll: true })
}

/** Draws what has changed in one phone or panel. */
export async function refresh(root) {
  if (busy.get(root)) {
    busy.set(root, 'again')
    return
  }
  busy.set(root, 'now')
  try {
    const answer = await fetch(root.dataset.live)
    if (answer.status === 404) root.dispatchEvent(new CustomEvent('gone'))
    if (!answer.ok) throw new Error(String(answer.status))
    const doc = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const before = drawn.get(root) ?? remember(root, root)
    const after = remember(root, doc)
    root.dispatchEvent(new CustomEvent('drawing'))
    for (const next of doc.querySelectorAll('[data-part]')) {
      const name = next.dataset.part
      const old = root.querySelector(`[data-part="${name}"]`)
      if (!old) continue
      if ('keyed' in next.dataset) mergeLines(old, next, before, after)
      else if (before.get(name) !== after.get(name)) replace(old, next)
    }
    root.dispatchEvent(new CustomEvent('drawn', { bubbles: true }))
  } catch {
    // the stream says that the simulator is gone, and hints anew when it is back
  }
  const again = busy.get(root) === 'again'
  busy.delete(root)
  if (again) await refresh(root)
}

/** Draws all that is in sight. */
export const refreshAll = () => Promise.all([...roots()].filter((root) => !root.closest('[hidden]')).map(refresh))

export function watch() {
  if (!roots().length) return
  for (const root of roots()) remember(root, root)
  const stream = new EventSource('/live')
  const cut = document.querySelector('.cut')
  stream.onmessage = () => {
    if (cut) cut.hidden = true
    refreshAll()
  }
  stream.onerror = () => {
    if (cut) cut.hidden = false
    // A browser gives up for good when the answer is no stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000)
  }
}
