// Whether a page fits its window.

/**
 * How many pixels a page at rest is wider than its window, 0 when it fits. After a window changed its size, and while lists
 * still come, a slow machine takes a moment to lay the page out again: so a page is only too wide when it stays so.
 */
export async function tooWide(page, patience = 5_000) {
  const end = Date.now() + patience
  for (;;) {
    // Not window.innerWidth: a phone zooms out of a page that is too wide, and then that is wide, too.
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    const over = Math.max(0, wide - page.viewportSize().width)
    if (over === 0 || Date.now() > end) return over
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
