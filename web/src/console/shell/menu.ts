import { AlarmClock, Bell, Calendar, ChatLineRound, Connection, DataLine, Document, Filter, Grid, OfficeBuilding, Promotion, Setting, Switch, Tickets, User, UserFilled } from '@element-plus/icons-vue'
import type { Component } from 'vue'

export interface Entry {
  name: string
  icon: Component
  roles: readonly string[]
}

const everybody = ['owner', 'support', 'supervisor', 'manager'] as const

/** The rooms of the console and who has them; the server holds the rights, this only spares dead ends. */
export const menu: readonly Entry[] = [
  { name: 'overview', icon: DataLine, roles: everybody },
  { name: 'conversations', icon: ChatLineRound, roles: everybody },
  { name: 'members', icon: User, roles: everybody },
  { name: 'segments', icon: Filter, roles: ['owner', 'supervisor', 'manager'] },
  { name: 'campaigns', icon: Promotion, roles: ['owner', 'manager'] },
  { name: 'requests', icon: Connection, roles: ['owner', 'manager'] },
  { name: 'handovers', icon: Switch, roles: ['owner', 'manager'] },
  { name: 'quiet', icon: AlarmClock, roles: ['owner', 'manager'] },
  { name: 'substitutes', icon: Calendar, roles: ['owner', 'supervisor', 'manager'] },
  { name: 'complaints', icon: Bell, roles: ['owner'] },
  { name: 'phrases', icon: Tickets, roles: everybody },
  { name: 'codes', icon: Grid, roles: everybody },
  { name: 'staff', icon: UserFilled, roles: everybody },
  { name: 'stores', icon: OfficeBuilding, roles: ['owner', 'support', 'supervisor'] },
  { name: 'account', icon: Setting, roles: ['owner'] },
  { name: 'audits', icon: Document, roles: ['owner'] },
]
