import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ok, type Schema } from '@/api/client'
import { everyItem } from './pages'

export type Store = Schema['Store']
export type Staff = Schema['Staff']
export type Region = Schema['Region']

const lasting = 5 * 60_000

/** The stores, regions and people the reader may see, and their names by id. */
export function useDirectory() {
  const stores = useQuery({
    queryKey: ['stores', 'every'],
    queryFn: () => everyItem((w) => ok(api.GET('/api/stores', { params: { query: w } }))),
    staleTime: lasting,
  })
  const staff = useQuery({
    queryKey: ['staff', 'every'],
    queryFn: () => everyItem((w) => ok(api.GET('/api/staff', { params: { query: w } }))),
    staleTime: lasting,
  })
  const regions = useQuery({
    queryKey: ['regions', 'every'],
    queryFn: () => ok(api.GET('/api/regions')).then((page) => page.items ?? []),
    staleTime: lasting,
  })
  const storeById = computed(() => new Map((stores.data.value ?? []).map((s) => [s.id, s])))
  const staffById = computed(() => new Map((staff.data.value ?? []).map((s) => [s.id, s])))
  const regionById = computed(() => new Map((regions.data.value ?? []).map((r) => [r.id, r])))
  const find = <T extends { name: string }>(all: Map<string, T>, id: string | null | undefined) => (id ? (all.get(id)?.name ?? '') : '')
  return {
    stores: computed(() => stores.data.value ?? []),
    staff: computed(() => staff.data.value ?? []),
    regions: computed(() => regions.data.value ?? []),
    clerks: computed(() => (staff.data.value ?? []).filter((p) => p.active && (p.role === 'clerk' || p.role === 'manager'))),
    storeName: (id: string | null | undefined) => find(storeById.value, id),
    staffName: (id: string | null | undefined) => find(staffById.value, id),
    regionName: (id: string | null | undefined) => find(regionById.value, id),
    person: (id: string | null | undefined) => (id ? staffById.value.get(id) : undefined),
  }
}
