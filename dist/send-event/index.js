import { sendEvent } from '../lib/index.js'

await sendEvent()
