import { sandbox } from '../lib/index.js'

await sandbox()
