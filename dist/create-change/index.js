import { createChange } from '../lib/index.js'

await createChange()
