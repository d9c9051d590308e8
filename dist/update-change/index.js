import { updateChange } from '../lib/index.js'

await updateChange()
