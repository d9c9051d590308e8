import { checkConnection } from '../lib/index.js'

await checkConnection()
