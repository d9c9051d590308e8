import type { ServiceNowClient } from '@change-actions/servicenow-client'
import { describe, expect, it } from '@jest/globals'
import { metricsLine, metricsOf } from './metrics.ts'

const CLIENT = { stats: { requests: 2, requestErrors: 0 } } as ServiceNowClient
const measured = (oldestSeconds: number, count = 1) =>
  metricsOf(CLIENT, { result: 'ok', backlog: { count, oldestSeconds } }, 1_000)

describe('deployments that wait', () => {
  it('are in the output, also when there are none', () => {
    expect(measured(0, 0)).toEqual({
      waiting: 0,
      oldest_waiting_seconds: 0,
      requests: 2,
      request_errors: 0,
      result: 'ok',
      added_ms: 1_000
    })
  })

  it('are absent where they are not known', () => {
    const metrics = metricsOf(CLIENT, { result: 'ok', backlog: undefined }, 0)
    expect(Object.keys(metrics)).toEqual(['requests', 'request_errors', 'result', 'added_ms'])
  })

  it.each([
    [59, '0 min'],
    [2_700, '45 min'],
    [7_320, '2 h 2 min'],
    [183_600, '2 d 3 h']
  ])('the oldest since %d s is in the summary: %s', (seconds, text) => {
    expect(metricsLine(measured(seconds), undefined)).toContain(`oldest waiting ${text} `)
  })

  it('are not in the summary where there are none', () => {
    expect(metricsLine(measured(0, 0), undefined)).toBe('Measures: 2 requests · 1.0 s added.')
  })
})
