import { waitApproval } from '../lib/index.js'

await waitApproval()
