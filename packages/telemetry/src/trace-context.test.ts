import { describe, expect, it } from '@jest/globals'
import { parseTraceparent, traceIdOfRun } from './trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

describe('TRACEPARENT', () => {
  it.each([
    ['01', true],
    ['00', false],
    ['03', true],
    ['02', false]
  ])('with the flags %s', (flags, sampled) => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-${flags}`)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      sampled
    })
  })

  it('of a later version may say more', () => {
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-more`)?.traceId).toBe(TRACE)
  })

  it.each([
    '',
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`
  ])('%p is none', text => expect(parseTraceparent(text)).toBeUndefined())
})

it('all steps of a run and its attempt have one trace, and a step outside of a run one of its own', () => {
  expect(traceIdOfRun('1001', '1')).toBe(traceIdOfRun('1001', '1'))
  expect(traceIdOfRun('1001', '2')).not.toBe(traceIdOfRun('1001', '1'))
  expect(traceIdOfRun('', '')).not.toBe(traceIdOfRun('', ''))
  expect(traceIdOfRun('', '')).toMatch(/^[0-9a-f]{32}$/)
})
