import { computed, nextTick, ref, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useQueryClient } from '@tanstack/vue-query'
import { api, ok, type Member } from '@/api/client'
import { asProblem } from '@/api/problem'
import { useExplain } from '@/shared/explain'
import { forget, keep, kept } from '@/shared/kept'
import { differing, formOf, missing, patchOf, rebase, type Field, type Form } from './editing'
import { useMembersChanged } from './members'
import { useMemberWords } from './words'

/** The editing of one member's file, kept in this window until it is saved or thrown away. */
export function useEdit(id: string, member: Ref<Member | undefined>) {
  const { t } = useI18n()
  const explain = useExplain()
  const client = useQueryClient()
  const changed = useMembersChanged()
  const words = useMemberWords()
  const name = 'edit.' + id
  const begun = kept<{ was: Form; form: Form }>(name)
  const was = ref<Form | null>(begun?.was ?? null)
  const form = ref<Form | null>(begun?.form ?? null)
  const clashing = ref<Field[]>([])
  const told = new Set<Field>() // clashes that a refused save has pointed at
  const [busy, wrong, known] = [ref(false), ref(''), ref('')]
  const dirty = computed(() => Boolean(was.value && form.value && differing(was.value, form.value).length > 0))

  // The file as it is by now, whoever changed it: what was not typed here follows, what was typed stays.
  watch(
    member,
    (m) => {
      if (!m) return
      const fresh = formOf(m)
      if (was.value && form.value) {
        const now = rebase(was.value, form.value, fresh)
        form.value = now.form
        clashing.value = [...new Set([...clashing.value, ...now.clashes])]
      } else {
        form.value = { ...fresh }
      }
      was.value = fresh
    },
    { immediate: true },
  )
  watch(
    form,
    (now) => {
      if (now && dirty.value) keep(name, { was: was.value, form: now })
      else forget(name)
    },
    { deep: true },
  )

  function said(field: Field): string {
    const m = member.value
    const now = was.value
    if (!m || !now) return ''
    switch (field) {
      case 'children':
        return m.children.map(words.child).join(t('edit.and'))
      case 'birthday':
        return m.birthday ? words.day(m.birthday) : ''
      case 'sex':
        return m.sex ? t('sex.' + m.sex) : ''
      case 'channel':
        return m.preferred_channel ? t('channel.' + m.preferred_channel) : ''
      case 'class':
        return m.class ? words.className(m.class) : ''
      case 'phone':
        return m.phone ?? ''
      default:
        return now[field]
    }
  }

  /** What both we and somebody else changed, with what the other wrote. */
  const clashes = computed(() => {
    const [a, b] = [was.value, form.value]
    const open = a && b ? new Set(differing(a, b)) : new Set<Field>()
    return clashing.value.filter((field) => open.has(field)).map((field) => ({ field, theirs: said(field) }))
  })

  function tell(): void {
    for (const c of clashes.value) told.add(c.field)
  }

  function takeTheirs(field: Field): void {
    if (form.value && was.value) form.value = { ...form.value, [field]: was.value[field] }
  }

  async function save(): Promise<boolean> {
    const [before, now] = [was.value, form.value]
    if (busy.value || !before || !now) return false
    known.value = ''
    const lack = missing(before, now)
    wrong.value = lack ? t('edit.missing_' + lack) : ''
    if (lack) return false
    // What came while the thumb was on its way is looked at first.
    if (clashes.value.some((c) => !told.has(c.field))) {
      wrong.value = t('edit.not_saved', { why: t('edit.changed_meanwhile') })
      tell()
      return false
    }
    busy.value = true
    try {
      const saved = await ok(api.PATCH('/api/members/{id}', { params: { path: { id } }, body: patchOf(before, now) }))
      forget(name)
      was.value = formOf(saved)
      form.value = formOf(saved)
      client.setQueryData(['member', id], saved)
      changed()
      return true
    } catch (error) {
      const problem = asProblem(error)
      known.value = problem.reason === 'duplicate' && typeof problem.extra.id === 'string' ? problem.extra.id : ''
      wrong.value = t('edit.not_saved', { why: problem.reason === 'changed_meanwhile' ? t('edit.changed_meanwhile') : explain(error) })
      if (problem.reason === 'changed_meanwhile') {
        await client.invalidateQueries({ queryKey: ['member', id], exact: true })
        await nextTick()
        tell()
      }
      return false
    } finally {
      busy.value = false
    }
  }

  function throwAway(): void {
    forget(name)
    form.value = was.value
  }

  return { form, dirty, busy, wrong, known, clashes, takeTheirs, save, throwAway }
}
