/** Jest strips the types itself (Node 22.13 or newer); there is no transformer to keep up to date. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{packages,actions,test,scripts,bench}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  setupFilesAfterEnv: ['<rootDir>/test/setup-nock.ts']
}
