import { afterAll, afterEach, beforeAll } from '@jest/globals'
import nock from 'nock'

// nock patches the worker's http module: without restore() the next test file in the same worker
// finds the network half patched. Loopback stays open for the sandbox.
beforeAll(() => {
  nock.disableNetConnect()
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
