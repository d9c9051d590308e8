/** Steps, a collector and Prometheus, together: `npm run test:telemetry`. */
import { lane } from './jest.config.js'

export default { maxWorkers: 1, projects: [lane('telemetry', ['test/telemetry'])] }
