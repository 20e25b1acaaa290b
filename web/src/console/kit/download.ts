import { problemOf, asProblem } from '@/api/problem'

/** Fetches a file and hands it to the browser to keep. What the server refuses is an error, not a file with the refusal. */
export async function download(url: string, fallback: string): Promise<void> {
  const answer = await fetch(url).catch((error: unknown) => {
    throw asProblem(error)
  })
  if (!answer.ok) throw problemOf(answer.status, await answer.json().catch(() => null))
  const named = /filename="?([^";]+)"?/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1]
  keep(await answer.blob(), named ?? fallback)
}

/** Hands a file to the browser to keep. */
export function keep(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
