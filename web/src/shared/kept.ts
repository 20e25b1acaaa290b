import { useSession } from './session'

// What is typed into a form, as long as the page's window lives: a session that ends or a page that is loaded anew must
// not cost it. It is kept apart for each person and goes with the window, for it may hold a member's data.
const keyOf = (name: string) => `liuke.kept.${useSession().staffId}.${name}`

export function kept<T>(name: string): T | null {
  const text = sessionStorage.getItem(keyOf(name))
  return text ? (JSON.parse(text) as T) : null
}

export function keep(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(keyOf(name), JSON.stringify(value))
  } catch {
    // The store is full: the form lives as long as the page.
  }
}

export function forget(name: string): void {
  sessionStorage.removeItem(keyOf(name))
}
