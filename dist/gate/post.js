import { gatePost } from '../lib/index.js'

await gatePost()
