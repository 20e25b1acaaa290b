// The pages are drawn by the server. These scripts send forms without leaving the page and draw anew what has changed.
import { watch } from './live.js'
import './forms.js'
import './phone.js'
import './row.js'

watch()
