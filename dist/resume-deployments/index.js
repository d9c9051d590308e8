import { resumeDeployments } from '../lib/index.js'

await resumeDeployments()
