import { sandboxPost } from '../lib/index.js'

await sandboxPost()
