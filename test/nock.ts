/** nock for the tests that need it: it takes long to load, and most tests have the sandbox instead. */
import { afterAll, afterEach, beforeAll } from '@jest/globals'
import nock from 'nock'

export default nock

// nock patches the worker's http module: without restore() the next test file in the same worker finds the network half
// patched. So it is active while there are tests to run: a file that cannot even be loaded never gets to afterAll.
nock.restore()
beforeAll(() => {
  nock.activate()
  nock.disableNetConnect()
  // Loopback stays open for the sandbox.
  nock.enableNetConnect(/^(127\.0\.0\.1|localhost|\[::1\])/)
})
afterEach(() => {
  nock.abortPendingRequests()
  nock.cleanAll()
})
afterAll(() => {
  nock.enableNetConnect()
  nock.restore()
})
