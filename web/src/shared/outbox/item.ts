import type { Schema } from '@/api/client'

/** A picture or voice of a message that has not been taken yet. */
export interface Attachment {
  type: string
  bytes: ArrayBuffer
}

/** Something that was written and that the server has not taken yet. */
export interface OutboxItem {
  /** Place in line; given when it is kept. */
  seq: number
  clientId: string
  staffId: string
  conversationId: string
  kind: Schema['SendInputBody']['kind']
  text: string
  attachment?: Attachment
  /** Of the attachment, once it is uploaded. */
  mediaId?: string
  at: number
  /** The server refused it for good, for this reason. */
  refused?: string
}

/** Where items are kept. */
export interface OutboxStore {
  all(staffId: string): Promise<OutboxItem[]>
  add(item: Omit<OutboxItem, 'seq'>): Promise<OutboxItem>
  put(item: OutboxItem): Promise<void>
  remove(seq: number): Promise<void>
}
