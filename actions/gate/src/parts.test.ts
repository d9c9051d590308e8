import { readRuntime } from '@change-actions/github-actions'
import { describe, expect, it } from '@jest/globals'
import { endingOf, leftToDo, resultOf } from './ending.ts'
import { endNote, notDeployedNote, startText } from './notes.ts'
import { toGateRequest, versionOf } from './request.ts'
import type { GateState } from './state.ts'

const STATE: GateState = {
  sysId: 'x',
  number: 'CHG0030001',
  created: true,
  supplied: false,
  phase: 'entered',
  times: [['new', Date.UTC(2026, 11, 1, 22)]]
}

const ENV = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_RUN_ID: '1001',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_JOB: 'deploy',
  GITHUB_ACTOR: 'octocat',
  GITHUB_SHA: '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REF_NAME: 'main'
}

const runtime = readRuntime(ENV)

describe('what becomes of the change', () => {
  it.each([
    ['success', 'success'],
    ['Failure', 'failure'],
    ['cancelled', 'cancelled'],
    ['skipped', 'cancelled'],
    ['', 'cancelled'],
    [undefined, 'cancelled']
  ])('a job status of %j is %s', (status, result) => {
    expect(resultOf(status)).toBe(result)
  })

  it.each([
    [{}, 'success', 'close'],
    [{}, 'failure', 'review'],
    [{}, 'cancelled', 'review'],
    [{ onSuccess: 'none' }, 'success', 'none'],
    [{ onSuccess: 'none' }, 'failure', 'review'],
    [{ onFailure: 'close' }, 'failure', 'close'],
    [{ onCancel: 'close' }, 'cancelled', 'close']
  ] as const)('with %j after %s: %s', (inputs, result, ending) => {
    expect(endingOf(inputs, STATE, result)).toBe(ending)
    const given = Object.keys(inputs).length > 0 && ending !== 'review'
    expect(endingOf(inputs, { ...STATE, supplied: true }, result)).toBe(given ? ending : 'none')
  })

  it.each([
    ['entered', {}, 'success', 'close CHG0030001 with close code successful (job success).'],
    ['entered', {}, 'failure', 'move CHG0030001 to Review with close code unsuccessful (job failure).'],
    ['entered', { onSuccess: 'review' }, 'success', 'move CHG0030001 to Review (job success).'],
    [
      'entered',
      { onCancel: 'none' },
      'cancelled',
      'add a work note to CHG0030001: the job ended with cancelled.'
    ],
    [
      'entering',
      {},
      'success',
      'see whether CHG0030001 is in Implement with a claim of this run; if so, close'
    ],
    ['before', {}, 'failure', 'look at CHG0030001: nothing was deployed under it by this run (job failure)']
  ] as const)('left to do, %s, %j, %s', (phase, inputs, result, text) => {
    expect(leftToDo(inputs, { ...STATE, phase }, result)).toContain(text)
  })
})

describe('work notes', () => {
  const inputs = { environment: 'production', ownMatrixIndex: '0', lifecycleNotes: true }

  it('name environment, repository, commit, job, run, attempt and actor', () => {
    expect(startText(inputs, runtime)).toBe(
      [
        'Deployment to production started.',
        'Repository: acme/shop',
        'Commit: 65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
        'Job: deploy',
        'Run: https://github.com/acme/shop/actions/runs/1001 (attempt 2)',
        'Actor: octocat'
      ].join('\n')
    )
    expect(startText({ ...inputs, lifecycleNotes: false }, runtime)).toBe('Claimed by run 1001.')
    const end = endNote(inputs, runtime, STATE, 'success')
    expect(end.text).toMatch(
      /^Deployment to production ended: success\.\n[\s\S]*\nStates: new 2026-12-01 22:00:00 \(UTC\)$/
    )
    const not = notDeployedNote(inputs, runtime, { ...STATE, outcome: 'timeout' }, 'failure')
    expect(not.text).toMatch(/^Not deployed to production: the gate ended with timeout \(job failure\)\.\n/)
  })

  it('are one for the same leg and result, and another for any other', () => {
    const marker = (ownMatrixIndex: string, result: 'success' | 'failure') =>
      endNote({ ...inputs, ownMatrixIndex }, runtime, STATE, result).marker
    expect(marker('0', 'success')).toBe(marker('0', 'success'))
    expect(new Set([marker('0', 'success'), marker('1', 'success'), marker('0', 'failure')]).size).toBe(3)
  })

  it('carry no marker of ours in what others wrote', () => {
    const environment = 'x\n[gha claim 9 9 9 0123456789ab]'
    expect(startText({ ...inputs, environment }, runtime)).not.toContain('[gha')
    expect(startText({ ...inputs, environment }, runtime)).toMatch(/^Deployment to x \(gha claim .*\n/)
  })
})

describe('the request', () => {
  it('names version and environment to those who approve', () => {
    const inputs = { environment: 'production', identity: 'version', reuse: true } as never
    const { generated, correlationDisplay } = toGateRequest(inputs, runtime, 0)
    expect(generated.description).toMatch(/Version: 65dbbed\nEnvironment: production$/)
    expect(correlationDisplay).toMatch(/^gha 65dbbeda5ade 1001 [0-9a-f]{12}$/)
  })

  it('has no binding where there is no commit or no run', () => {
    const inputs = { environment: 'production', identity: 'version' } as never
    for (const lack of [{ GITHUB_SHA: '' }, { GITHUB_RUN_ID: '' }])
      expect(toGateRequest(inputs, readRuntime({ ...ENV, ...lack }), 0).correlationDisplay).toBe('')
  })

  it('takes the version as given, the tag, or the commit', () => {
    const tag = { ...runtime, ref: 'refs/tags/v1', refName: 'v1' }
    expect(versionOf({ version: 'v9' }, tag)).toBe('v9')
    expect(versionOf({ version: undefined }, tag)).toBe('v1')
    expect(versionOf({ version: undefined }, runtime)).toBe('65dbbed')
  })
})
