import { auditDeployments } from '../lib/index.js'

await auditDeployments()
