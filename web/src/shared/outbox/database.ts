import type { OutboxItem, OutboxStore } from './item'

const name = 'liuke'
const table = 'outbox'

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'))
  })
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(table, { keyPath: 'seq', autoIncrement: true })
  return done(request)
}

/** Keeps items in the browser's database, so that they outlive the page and the phone's restart. */
export class DatabaseStore implements OutboxStore {
  private database: Promise<IDBDatabase> | undefined

  private async table(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    this.database ??= open()
    return (await this.database).transaction(table, mode).objectStore(table)
  }

  async all(staffId: string): Promise<OutboxItem[]> {
    const items = (await done((await this.table('readonly')).getAll())) as OutboxItem[]
    return items.filter((i) => i.staffId === staffId)
  }

  async add(item: Omit<OutboxItem, 'seq'>): Promise<OutboxItem> {
    const seq = (await done((await this.table('readwrite')).add(item))) as number
    return { ...item, seq }
  }

  async put(item: OutboxItem): Promise<void> {
    await done((await this.table('readwrite')).put(item))
  }

  async remove(seq: number): Promise<void> {
    await done((await this.table('readwrite')).delete(seq))
  }
}

/** Keeps items while the page lives, where the browser has no database to write into. */
export class MemoryStore implements OutboxStore {
  private items: OutboxItem[] = []
  private last = 0

  async all(staffId: string): Promise<OutboxItem[]> {
    return this.items.filter((i) => i.staffId === staffId)
  }

  async add(item: Omit<OutboxItem, 'seq'>): Promise<OutboxItem> {
    const whole = { ...item, seq: ++this.last }
    this.items.push(whole)
    return whole
  }

  async put(item: OutboxItem): Promise<void> {
    this.items = this.items.map((i) => (i.seq === item.seq ? item : i))
  }

  async remove(seq: number): Promise<void> {
    this.items = this.items.filter((i) => i.seq !== seq)
  }
}

/** The database, or the page's memory where the first use of it fails (a private window). */
export class SafeStore implements OutboxStore {
  private store: Promise<OutboxStore>

  constructor() {
    const database = new DatabaseStore()
    this.store = database.all('').then(
      () => database,
      () => new MemoryStore(),
    )
  }

  all = async (staffId: string) => (await this.store).all(staffId)
  add = async (item: Omit<OutboxItem, 'seq'>) => (await this.store).add(item)
  put = async (item: OutboxItem) => (await this.store).put(item)
  remove = async (seq: number) => (await this.store).remove(seq)
}
