/** Going back: what must be proved where no person approves it, and what a person reads who does. */
import { beforeEach, describe, expect, it } from '@jest/globals'
import { bindingFor } from '../deployment-texts.ts'
import { problemOf } from '../testing/context.ts'
import { createOn } from '../testing/creation.ts'
import { BOUND, DEPLOYMENT, IDENTITY } from '../testing/deployment.ts'
import { APIS, momentAt, startInstance, type TestInstance } from '../testing/instance.ts'
import { GROUP } from '../testing/records.ts'
import type { CreateRequest } from './request.ts'

const GOOD = '0123456789abcdef0123456789abcdef01234567'
/** The run of the rollback has the good commit checked out. */
const BACK = { ...DEPLOYMENT, run: '1002', commit: GOOD, runCommit: DEPLOYMENT.commit }
const identity = { ...IDENTITY, deployment: BACK }
const DEPLOYED = {
  state: '3',
  close_code: 'successful',
  correlation_display: bindingFor({ ...BACK, run: '900' })
}
const FAILED = { state: '0', close_code: 'unsuccessful', correlation_display: BOUND, correlation_id: 'gha-9' }
let instance: TestInstance
let failed: { readonly sysId: string; readonly number: string }

const rollBack = (more: Partial<CreateRequest> = {}) =>
  createOn(instance, {
    correlationId: 'gha-2',
    correlationDisplay: bindingFor(BACK),
    identity,
    parent: failed.number,
    rollback: { successCode: undefined },
    generated: { description: 'Repository: acme/shop' },
    ...more
  })
const STANDARD = { template: 'app-deployment-template', given: { short_description: 'Roll back' } }

/** A deployment that succeeded before, and the one that failed. */
function plantBoth(deployed: Record<string, string> = {}, last: Record<string, string> = {}): void {
  instance.plant({ ...DEPLOYED, sys_created_on: momentAt(-9_000), ...deployed })
  failed = instance.plant({ ...FAILED, sys_created_on: momentAt(-5_000), ...last })
}

describe.each(APIS)('a rollback (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each(['successful', 'successful_issues'])(
    'to a commit that was closed as %s is a child of the failed change',
    async code => {
      plantBoth({ close_code: code })
      const { change, context } = await rollBack(STANDARD)
      expect(change?.fields.parent?.value).toBe(failed.sysId)
      expect(context.told('rollback-unproved')).toEqual([])
    }
  )

  it('does not take another scope of the first release for ours', async () => {
    plantBoth({ correlation_display: `gha ${GOOD.slice(0, 12)} 900 ${'0'.repeat(12)}` })
    const problem = await problemOf(rollBack(STANDARD), 'rollback-refused')
    expect(problem.code).toBe('rollback-refused')
  })

  it("counts the instance's own code for a success where it is given", async () => {
    plantBoth({ close_code: 'deployed_ok' })
    expect((await problemOf(rollBack(STANDARD), 'rollback-refused')).code).toBe('rollback-refused')
    const { created } = await rollBack({ ...STANDARD, rollback: { successCode: 'Deployed_OK' } })
    expect(created).toBe(true)
  })

  it.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['the commit never succeeded here', { close_code: 'unsuccessful' }, {}, 'commit-not-deployed'],
    ['it was never closed', { state: '-1', close_code: '' }, {}, 'commit-not-deployed'],
    ['it succeeded later only', { sys_created_on: momentAt(-1_000) }, {}, 'commit-not-deployed'],
    [
      'it succeeded in another environment',
      { correlation_display: bindingFor({ ...BACK, environment: 'staging' }) },
      {},
      'commit-not-deployed'
    ],
    ['somebody else says so', { sys_created_by: 'mallory' }, {}, 'commit-not-deployed'],
    ['the change did not fail', {}, { state: '3', close_code: 'successful' }, 'was-successful'],
    ["the change is nobody's", {}, { correlation_display: '' }, 'other-scope'],
    ['somebody else made the change', {}, { sys_created_by: 'mallory' }, 'other-scope']
  ])('without a person is refused when %s, and nothing is made', async (_, deployed, last, why) => {
    plantBoth(deployed, last)
    const problem = await problemOf(rollBack(STANDARD), 'rollback-refused')
    expect(problem).toMatchObject({
      code: 'rollback-refused',
      outcome: 'rollback-refused',
      facts: { unproved: [why] }
    })
    expect(instance.writes).toEqual([])
  })

  it('that a person approves is made, and they read what is not proved', async () => {
    plantBoth({ close_code: 'unsuccessful' })
    const { change, context } = await rollBack()
    expect(change?.fields.description?.value).toMatch(
      new RegExp(
        `^Repository: acme/shop\n\nRollback of ${failed.number}. Not proved:\n- that the commit was deployed here`
      )
    )
    expect(context.told('rollback-unproved')).toMatchObject([{ unproved: ['commit-not-deployed'] }])
  })

  it('keeps the description that was given, whole', async () => {
    plantBoth({ close_code: 'unsuccessful' })
    const short = {
      short_description: 'Roll back',
      assignment_group: GROUP,
      description: 'Going back.'
    }
    const { change } = await rollBack({ given: short, correlationId: 'gha-3' })
    expect(change?.fields.description?.value).toMatch(/^Going back\.\n\nRollback of/)
    const description = 'x'.repeat(3_990)
    const long = await rollBack({ given: { ...short, description }, correlationId: 'gha-4' })
    expect(long.change?.fields.description?.value).toBe(description)
  })
})
