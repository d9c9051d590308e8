import { afterAll, afterEach, beforeAll } from '@jest/globals'

// nock patches the worker's http module: without restore() the next test file in the same worker finds the network
// half patched. So it is loaded when there are tests to run: a file that cannot even be loaded never gets to afterAll.
let nock: typeof import('nock').default | undefined
beforeAll(async () => {
  const loaded = await import('nock')
  nock = loaded.default
  nock.disableNetConnect()
  // Loopback stays open for the sandbox.
  nock.enableNetConnect(/^(127\.0\.0\.1|localhost|\[::1\])/)
})
afterEach(() => {
  nock?.abortPendingRequests()
  nock?.cleanAll()
})
afterAll(() => {
  nock?.enableNetConnect()
  nock?.restore()
})
