import { describe, expect, it } from '@jest/globals'
import { derivedIdentityProblems } from './identity-problems.ts'

const CALLER = 'acme/shop/.github/workflows/release.yml@refs/heads/main'
const CALLED = 'acme/flows/.github/workflows/deploy.yml@refs/tags/v3'
const ENV = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_WORKFLOW: 'Release',
  GITHUB_JOB: 'deploy',
  GITHUB_RUN_ID: '1001',
  GITHUB_WORKFLOW_REF: CALLER
}

describe('a derived correlation id', () => {
  it('needs the facts that it is derived from, and names those that are missing', () => {
    expect(derivedIdentityProblems({}, ENV, ['GITHUB_RUN_ID'])).toEqual([])
    expect(derivedIdentityProblems({}, { ...ENV, GITHUB_JOB: '' }, ['GITHUB_SHA'])).toEqual([
      expect.stringMatching(
        /^`correlation-id` cannot be derived: GITHUB_JOB, GITHUB_SHA are not set, .*give `correlation-id`/
      )
    ])
    expect(derivedIdentityProblems({}, {}, [])).toHaveLength(1)
  })

  it('needs a scope in a called workflow', () => {
    const ownWorkflowRef = CALLED
    expect(derivedIdentityProblems({ ownWorkflowRef }, ENV, [])).toEqual([
      expect.stringMatching(
        /^`correlation-scope` is required in a called workflow \(acme\/flows\/.*give `correlation-scope`/
      )
    ])
    expect(derivedIdentityProblems({ ownWorkflowRef, correlationScope: 'eu' }, ENV, [])).toEqual([])
  })

  it.each([
    ['the workflow of the run', CALLER],
    ['the same file, as another ref and in other letters', CALLER.toUpperCase().replace('MAIN', 'other')],
    ['not known to the runner', undefined]
  ])('needs no scope where the workflow of the job is %s', (_, ownWorkflowRef) => {
    expect(derivedIdentityProblems({ ownWorkflowRef }, ENV, [])).toEqual([])
  })

  it('is not needed where the id is given, or a change is named', () => {
    for (const values of [{ correlationId: 'x' }, { changeNumber: 'CHG1' }, { changeSysId: 'a' }])
      expect(derivedIdentityProblems({ ...values, ownWorkflowRef: CALLED }, {}, ['GITHUB_RUN_ID'])).toEqual(
        []
      )
  })
})
