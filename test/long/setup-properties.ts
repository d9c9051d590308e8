/** Gives every property the seed of the run, which `npm run test:long` prints. */
import { jest } from '@jest/globals'
import { configureGlobal } from 'fast-check'

configureGlobal({ seed: jest.getSeed() })
