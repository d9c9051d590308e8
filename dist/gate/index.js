import { gate } from '../lib/index.js'

await gate()
