/** The unit tests alone: `npm run test:unit`, in seconds. */
import { lane, UNITS } from './jest.config.js'

export default { maxWorkers: '100%', projects: [lane('unit', UNITS)] }
