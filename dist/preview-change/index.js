import { previewChange } from '../lib/index.js'

await previewChange()
