import { runFlow } from '../lib/index.js'

await runFlow()
