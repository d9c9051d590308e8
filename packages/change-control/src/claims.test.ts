import { describe, expect, it } from '@jest/globals'
import {
  correlationScope,
  isOwnClaim,
  nextGeneration,
  oldScope,
  opposingClaims,
  type RecordedClaim
} from './index.ts'

const PLACE = { serverUrl: 'https://github.com', repository: 'acme/shop', environment: 'production' }
const own = { ...PLACE, runId: '1' }

const claim = (runId: string, generation: number, more: Partial<typeof PLACE> = {}): RecordedClaim => ({
  generation,
  runId,
  attempt: '1',
  scope: correlationScope({ ...PLACE, ...more })
})

describe('whose a claim is', () => {
  it('is told by the run and the scope, whatever the attempt', () => {
    expect(isOwnClaim({ ...claim('1', 1), attempt: '7' }, own)).toBe(true)
    expect(isOwnClaim(claim('2', 1), own)).toBe(false)
    expect(isOwnClaim(claim('1', 1, { environment: 'staging' }), own)).toBe(false)
    // A step need not name the environment.
    expect(isOwnClaim(claim('1', 1, { environment: '' }), own)).toBe(true)
    expect(isOwnClaim(claim('1', 1), { ...own, environment: '' })).toBe(true)
  })

  it('of the first release too', () => {
    const old = { ...claim('1', 1), scope: oldScope(PLACE) }
    expect(isOwnClaim(old, own)).toBe(true)
    expect(isOwnClaim(old, { ...own, environment: '' })).toBe(true)
    expect(isOwnClaim(old, { ...own, environment: 'staging' })).toBe(false)
  })
})

describe('claims of others, their writers known', () => {
  it.each<[string, RecordedClaim[], string[]]>([
    ['none', [], []],
    ['our own', [claim('1', 1)], []],
    ['another one', [claim('2', 1)], ['2']],
    ['another one, set aside by our own later generation', [claim('2', 1), claim('1', 2)], []],
    ['the first of one generation has it', [claim('2', 1), claim('1', 1)], ['2']],
    ['we were first', [claim('1', 1), claim('2', 1)], []]
  ])('%s', (_, claims, runs) => {
    expect(opposingClaims(claims, own, true).map(one => one.runId)).toEqual(runs)
  })
})

describe('claims of others, their writers not known', () => {
  it.each<[string, RecordedClaim[], string[]]>([
    ['our own', [claim('1', 1)], []],
    ['no claim in our name sets another one aside', [claim('2', 1), claim('1', 2)], ['2']],
    ['but the first of one generation', [claim('1', 1), claim('2', 1)], []],
    ['one in the name of a third run', [claim('1', 1), claim('3', 9)], ['3']]
  ])('%s', (_, claims, runs) => {
    expect(opposingClaims(claims, own, false).map(one => one.runId)).toEqual(runs)
  })
})

it('the next generation is one that no claim in sight has', () => {
  expect(nextGeneration([], [])).toBe(1)
  expect(nextGeneration([claim('2', 1)], [claim('2', 1), claim('9', 4)])).toBe(5)
  expect(nextGeneration([claim('2', 1)], [claim('9', 999_999)])).toBe(2)
})
