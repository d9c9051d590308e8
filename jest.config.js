/**
 * The lanes that `npm test` runs: unit tests of the sources, contract tests of what others rely on, and the bundles
 * from end to end. Jest strips the types itself (Node 22.13 or newer); there is no transformer to keep up to date.
 */
const settings = {
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  setupFilesAfterEnv: ['<rootDir>/test/setup-nock.ts']
}

/** Simulations, which take long: `npm run test:long` runs them. */
export const LONG = '**/*.long.test.ts'

export const lane = (displayName, folders, more = {}) => ({
  ...settings,
  displayName,
  roots: folders.map(folder => `<rootDir>/${folder}`),
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.long\\.test\\.ts$'],
  ...more
})

export const SOURCES = ['packages', 'actions', 'scripts', 'bench']

export default {
  // The default leaves one core to the person at the machine; most of these tests wait for processes.
  maxWorkers: '100%',
  projects: [
    lane('unit', SOURCES),
    lane('contract', ['test/consistency', 'test/contract', 'test/github', 'test/golden', 'test/pack']),
    lane('end-to-end', ['test/e2e'])
  ]
}
