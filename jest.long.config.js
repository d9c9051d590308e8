/** What `npm run test:long` runs with Jest: the simulations, and every property with a seed of its own. */
import { globSync, readFileSync } from 'node:fs'
import { CONTRACTS, LONG, lane, UNITS } from './jest.config.js'

const SOURCES = [...UNITS, ...CONTRACTS]

const propertyTests = globSync(`{${SOURCES.join()}}/**/*.test.ts`, { exclude: ['**/node_modules'] })
  .filter(file => readFileSync(file, 'utf8').includes("from 'fast-check'"))
  .map(file => `**/${file}`)

export default {
  maxWorkers: '100%',
  projects: [
    lane('simulations', SOURCES, { testMatch: [LONG], testPathIgnorePatterns: ['/node_modules/'] }),
    lane('properties', SOURCES, {
      testMatch: propertyTests,
      setupFilesAfterEnv: ['<rootDir>/test/setup-network.ts', '<rootDir>/test/long/setup-properties.ts']
    })
  ]
}
