import { attachEvidence } from '../lib/index.js'

await attachEvidence()
