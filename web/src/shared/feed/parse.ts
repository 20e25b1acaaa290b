/** One server-sent event. */
export interface FeedEvent {
  id: string
  kind: string
  data: Record<string, string>
}

/**
 * Reads a stream of server-sent events piece by piece. note is told each id, also those without an event, which only
 * say from where to resume.
 */
export class EventReader {
  private rest = ''
  private kind = ''
  private lines: string[] = []
  private id = ''

  constructor(
    private readonly take: (event: FeedEvent) => void,
    private readonly note: (id: string) => void,
  ) {}

  push(text: string): void {
    const all = (this.rest + text).split(/\r\n|\n|\r(?!$)/)
    this.rest = all.pop() ?? ''
    for (const line of all) this.line(line)
  }

  private line(line: string): void {
    if (line === '') return this.end()
    if (line.startsWith(':')) return
    const at = line.indexOf(':')
    const field = at < 0 ? line : line.slice(0, at)
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '')
    if (field === 'event') this.kind = value
    else if (field === 'data') this.lines.push(value)
    else if (field === 'id' && !value.includes('\0')) this.id = value
  }

  private end(): void {
    const { kind, lines, id } = this
    this.kind = ''
    this.lines = []
    if (lines.length > 0) {
      let data: Record<string, string> = {}
      try {
        data = JSON.parse(lines.join('\n')) as Record<string, string>
      } catch {
        // Something unknown changed: what it was named is enough to fetch again.
      }
      this.take({ id, kind, data })
    }
    if (id) this.note(id)
  }
}
