/** The sandbox's pages in Chromium: `npm run test:pages`. The browser is that of the machine. */
import { lane } from './jest.config.js'

export default { projects: [lane('pages', ['test/pages'])] }
