// What axe finds on a screen, as lines; serious and critical findings only.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

// Colours are read once nothing fades any more, also what began to while the first faded; what turns for ever (a spinner)
// is not waited for.
const still = async () => {
  for (let wave = 0; wave < 20; wave++) {
    await new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))
    const fading = document.getAnimations().filter((a) => a.playState === 'running' && a.effect?.getComputedTiming().endTime !== Infinity)
    if (!fading.length) return
    await Promise.all(fading.map((a) => a.finished.catch(() => undefined)))
  }
}

export async function findings(page) {
  await page.evaluate(still)
  await page.evaluate(source + ';undefined')
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return violations
    .filter((v) => ['serious', 'critical'].includes(v.impact))
    .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary?.split('\n')[1]?.trim()}`))
}
