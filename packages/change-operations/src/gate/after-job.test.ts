import { describe, expect, it } from '@jest/globals'
import { AFTER_JOB, type AfterJobSettings, afterJobOf, jobResultOf, leftToDo } from './after-job.ts'
import type { GateState } from './gate-state.ts'

const STATE: GateState = {
  sysId: 'x',
  number: 'CHG0030001',
  created: true,
  supplied: false,
  phase: 'entered',
  times: []
}

describe('the result of a job', () => {
  it.each([
    ['success', 'success'],
    ['Failure', 'failure'],
    ['cancelled', 'cancelled'],
    ['skipped', 'cancelled'],
    ['', 'cancelled'],
    [undefined, 'cancelled']
  ])('of the status %j is %s', (status, result) => {
    expect(jobResultOf(status)).toBe(result)
  })

  it('may be that of several jobs, some of which may be skipped', () => {
    const needs = JSON.stringify({ deploy: { result: 'success' }, smoke: { result: 'skipped' } })
    expect(jobResultOf(needs)).toBe('cancelled')
    expect(jobResultOf(needs, ['smoke'])).toBe('success')
  })
})

describe('what is done with the change', () => {
  it.each([
    [{}, 'success', 'close'],
    [{}, 'failure', 'review'],
    [{}, 'cancelled', 'review'],
    [{ onSuccess: 'none' }, 'success', 'none'],
    [{ onSuccess: 'none' }, 'failure', 'review'],
    [{ onFailure: 'close' }, 'failure', 'close'],
    [{ onCancel: 'close' }, 'cancelled', 'close']
  ] as const)('with %j after %s: %s', (settings: AfterJobSettings, result, afterJob) => {
    expect(afterJobOf(settings, STATE, result)).toBe(afterJob)
    const given = Object.keys(settings).length > 0 && afterJob !== 'review'
    expect(afterJobOf(settings, { ...STATE, supplied: true }, result)).toBe(given ? afterJob : 'none')
  })

  it('is one of three things', () => {
    expect(AFTER_JOB).toEqual(['close', 'review', 'none'])
  })
})

describe('the manual action required', () => {
  const number = 'CHG0030001'

  it.each([
    ['entered', {}, 'success', { code: 'close', closeCode: 'successful', doubtful: false }],
    ['entered', {}, 'failure', { code: 'move-to-review', closeCode: 'unsuccessful', doubtful: false }],
    ['entered', { onSuccess: 'review' }, 'success', { code: 'move-to-review', doubtful: false }],
    [
      'entered',
      { onFailure: 'close' },
      'failure',
      { code: 'close', closeCode: 'unsuccessful', doubtful: false }
    ],
    ['entered', { onCancel: 'none' }, 'cancelled', { code: 'add-note', doubtful: false }],
    ['entering', {}, 'success', { code: 'close', closeCode: 'successful', doubtful: true }],
    ['entering', { onCancel: 'none' }, 'cancelled', { code: 'add-note', doubtful: true }],
    ['before', {}, 'failure', { code: 'check-not-deployed', doubtful: false }],
    ['before', { onSuccess: 'close' }, 'success', { code: 'check-not-deployed', doubtful: false }]
  ] as const)('%s, %j, %s: %j', (phase, settings, result, left) => {
    expect(leftToDo(settings, { ...STATE, phase }, result)).toEqual({ ...left, number, result })
  })
})
