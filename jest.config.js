/**
 * The lanes that `npm test` runs: the units, what others rely on, and the bundles from end to end. Jest strips the types
 * itself (Node 22.13 or newer); there is no transformer to keep up to date.
 */
const settings = {
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  moduleNameMapper: {
    // What is imported everywhere and used nowhere would be compiled anew for each test file.
    '^undici$': '<rootDir>/test/undici-when-used.cjs',
    '^\\.\\./locales/index\\.js$': '<rootDir>/node_modules/zod/v4/locales/en.js'
  },
  setupFilesAfterEnv: ['<rootDir>/test/setup-network.ts']
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

/** Rules, operations, the front and the actions, on a ServiceNow in the same process. */
export const UNITS = [
  ...['change-control', 'change-operations', 'evidence', 'github-actions', 'telemetry'].map(
    name => `packages/${name}`
  ),
  'actions'
]

/** What speaks HTTP, tested over it, and what the repository promises: documentation, releases, packages. */
export const CONTRACTS = [
  ...['servicenow-client', 'github-api', 'sandbox'].map(name => `packages/${name}`),
  'scripts',
  'bench',
  ...['consistency', 'contract', 'github', 'golden', 'pack', 'servicenow', 'workflows'].map(
    name => `test/${name}`
  )
]

export default {
  // The default leaves one core to the person at the machine; most of these tests wait for processes.
  maxWorkers: '100%',
  projects: [lane('unit', UNITS), lane('contract', CONTRACTS), lane('end-to-end', ['test/e2e'])]
}
