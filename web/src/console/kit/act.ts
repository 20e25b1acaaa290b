import { ElMessage, ElMessageBox } from 'element-plus'
import 'element-plus/es/components/message/style/css'
import 'element-plus/es/components/message-box/style/css'
import { h, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useWords } from './words'

/** Does one thing at a time and says what came of it. */
export function useAct() {
  const { explain } = useWords()
  const busy = ref(false)

  async function act(what: () => Promise<unknown>, done?: string): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      await what()
      if (done) ElMessage.success(done)
      return true
    } catch (error) {
      ElMessage.error({ message: explain(error), duration: 6_000 })
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, act }
}

/** Says beforehand what an act will do, and asks. */
export function useConfirm() {
  const { t } = useI18n()
  return async (o: { title: string; lines: string[]; go: string; grave?: boolean }): Promise<boolean> => {
    const body = h('ul', { class: 'box-lines' }, o.lines.map((line) => h('li', line)))
    try {
      await ElMessageBox.confirm(body, o.title, {
        confirmButtonText: o.go,
        cancelButtonText: t('table.cancel'),
        type: o.grave ? 'warning' : undefined,
        confirmButtonClass: o.grave ? 'el-button--danger' : '',
        closeOnClickModal: false,
      })
      return true
    } catch {
      return false
    }
  }
}
