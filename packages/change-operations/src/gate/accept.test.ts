import { seedId } from '@change-actions/sandbox'
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { CreateRequest, Resolved } from '../create/request.ts'
import { bindingFor } from '../deployment-texts.ts'
import { contextOn, problemOf } from '../testing/context.ts'
import { REQUEST } from '../testing/creation.ts'
import { DEPLOYMENT } from '../testing/deployment.ts'
import { APIS, LOST, startInstance, type TestInstance } from '../testing/instance.ts'
import { GROUP } from '../testing/records.ts'
import { type Acceptance, acceptChange } from './bind.ts'

const CI = seedId('cmdb_ci', 'prod-k8s-cluster')
const OTHER_CI = seedId('cmdb_ci', 'production-k8s-cluster')
const OTHER_GROUP = seedId('sys_user_group', 'platform-team')
const OURS = bindingFor(DEPLOYMENT)
const OTHER_COMMIT = bindingFor({ ...DEPLOYMENT, commit: 'f'.repeat(40), run: '999' })
const OF_REPOSITORY = bindingFor({ ...DEPLOYMENT, environment: '' })
const ELSEWHERE = bindingFor({ ...DEPLOYMENT, repository: 'acme/other' })
let instance: TestInstance

const request: CreateRequest = {
  ...REQUEST,
  supplied: { number: 'CHG0030001' },
  given: {},
  correlationDisplay: OURS
}
const resolved: Resolved = {
  type: 'normal',
  template: undefined,
  model: undefined,
  fields: {},
  unverified: [],
  unverifiedChoices: []
}
const found = { request: { ...request, supplied: undefined } }

async function accept(fields: Record<string, string>, more: Partial<Acceptance> = {}, dryRun = false) {
  const change = await instance.add(fields)
  const context = contextOn(instance, { dryRun })
  const accepted = await acceptChange(context, change, {
    request,
    resolved,
    deployment: DEPLOYMENT,
    allowForeignChange: false,
    proceedStates: ['scheduled', 'implement'],
    waitStates: ['new', 'assess', 'authorize', 'scheduled'],
    ...more
  })
  return { ...accepted, change, context }
}

/** The binding of the change that was made last. */
const binding = () => instance.sandbox.rows('change_request').at(-1)?.correlation_display

const NOT_FOREIGN = { foreign: false }

describe.each(APIS)('whose change it is (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each([
    ['unbound', ''],
    ['bound by another tool', 'JIRA-1'],
    ['bound to this repository and environment', OURS],
    ['bound to this repository by create-change', OF_REPOSITORY]
  ])('%s: accepted', async (_, display) => {
    expect(await accept({ correlation_display: display })).toMatchObject(NOT_FOREIGN)
  })

  it.each([
    ['another repository', ELSEWHERE],
    ['another environment', bindingFor({ ...DEPLOYMENT, environment: 'staging' })],
    ['another server', bindingFor({ ...DEPLOYMENT, server: 'https://ghe.example' })]
  ])('bound to %s: refused, or accepted as it is', async (_, display) => {
    const problem = await problemOf(accept({ correlation_display: display }), 'foreign-change')
    expect(problem.facts).toEqual({ why: { code: 'bound-elsewhere' } })
    expect(problem).toMatchObject({ outcome: 'foreign-change', subject: { number: 'CHG0030001' } })
    const accepted = await accept({ correlation_display: display }, { allowForeignChange: true })
    expect(accepted).toMatchObject({ foreign: true })
    expect(instance.writes).toEqual([])
  })

  it('is not judged for a change of this very deployment', async () => {
    const accepted = await accept({ correlation_id: 'gha-1', correlation_display: ELSEWHERE }, found)
    expect(accepted).toMatchObject(NOT_FOREIGN)
    expect(instance.writes).toEqual([])
  })

  it('is judged for a change that was found by its title', async () => {
    await problemOf(accept({ correlation_display: ELSEWHERE }, found), 'foreign-change')
    expect(await accept({ correlation_id: 'gha-2' }, found)).toMatchObject(NOT_FOREIGN)
    expect(binding()).toBe(OURS)
  })

  it('is judged by its binding for a supplied change, whatever its correlation id', async () => {
    const supplied = accept({ correlation_id: 'gha-1', correlation_display: ELSEWHERE })
    await problemOf(supplied, 'foreign-change')
  })
})

describe.each(APIS)('the kind of a supplied change (%s)', api => {
  const template = { sysId: 't', name: 'Standard', version: 'v9' }
  const wanted = {
    resolved: { ...resolved, template, fields: { cmdb_ci: CI, assignment_group: GROUP } }
  }
  beforeEach(() => {
    instance = startInstance({ api })
    for (const [sys_id, name] of Object.entries({ v9: 'Standard', v8: 'Other' }))
      instance.sandbox.insert('std_change_producer_version', { sys_id, name })
  })

  it('is that of the request', async () => {
    const fields = { cmdb_ci: CI, assignment_group: GROUP, std_change_producer_version: 'v9' }
    expect(await accept(fields, wanted)).toMatchObject(NOT_FOREIGN)
  })

  it('that is another one is refused, with every field, even where a foreign change is allowed', async () => {
    const others = {
      cmdb_ci: OTHER_CI,
      assignment_group: OTHER_GROUP,
      std_change_producer_version: 'v8'
    }
    const accepted = accept(others, { ...wanted, allowForeignChange: true })
    const { facts } = await problemOf(accepted, 'foreign-change')
    expect(facts.why).toEqual({
      code: 'other-kind',
      fields: [
        { field: 'cmdb_ci', display: 'production-k8s-cluster' },
        { field: 'assignment_group', display: 'Platform Team' },
        { field: 'std_change_producer_version', display: 'Other' }
      ]
    })
    expect(instance.writes).toEqual([])
  })

  it('is not judged where the request names none, nor for a template without a version', async () => {
    expect(await accept({ cmdb_ci: OTHER_CI })).toMatchObject(NOT_FOREIGN)
    const versionless = { resolved: { ...resolved, template: { ...template, version: '' } } }
    expect(await accept({ std_change_producer_version: 'v8' }, versionless)).toMatchObject(NOT_FOREIGN)
  })

  it('is not judged for a change found by its title', async () => {
    expect(await accept({ cmdb_ci: OTHER_CI }, { ...wanted, ...found })).toMatchObject(NOT_FOREIGN)
  })
})

describe.each(APIS)('a supplied change in Review (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('was used already', async () => {
    const problem = await problemOf(accept({ state: '0' }), 'already-used')
    expect(problem).toMatchObject({ outcome: 'unexpected-state', facts: {} })
    expect(instance.writes).toEqual([])
  })

  it.each([{ proceedStates: ['review'] }, { waitStates: ['review'] }] as const)(
    'is accepted where its state is listed: %j',
    async states => {
      expect(await accept({ state: '0' }, states)).toMatchObject(NOT_FOREIGN)
    }
  )

  it('is accepted where it was found by its title', async () => {
    expect(await accept({ state: '0' }, found)).toMatchObject(NOT_FOREIGN)
  })
})

describe.each(APIS)('the binding (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each<[string, Record<string, string>, string]>([
    ['is written on first use', {}, OURS],
    ['is written over what another tool wrote', { correlation_display: 'JIRA-1' }, OURS],
    ['is written on first use, later than New as well', { state: '-2', approval: 'approved' }, OURS],
    ['follows the commit while no approval was requested', { correlation_display: OTHER_COMMIT }, OURS],
    [
      'keeps the commit that an approval was requested for',
      { correlation_display: OTHER_COMMIT, state: '-4', approval: 'requested' },
      OTHER_COMMIT
    ],
    [
      'keeps the commit in New while an approval is requested',
      { correlation_display: OTHER_COMMIT, approval: 'requested' },
      OTHER_COMMIT
    ],
    [
      'keeps the commit without an approval later than New',
      { correlation_display: OTHER_COMMIT, state: '-2' },
      OTHER_COMMIT
    ]
  ])('%s', async (_, fields, display) => {
    await accept(fields)
    expect(binding()).toBe(display)
  })

  it('to this commit already is not written again', async () => {
    await accept({ correlation_display: OURS })
    await accept({ correlation_display: OF_REPOSITORY })
    expect(instance.writes).toEqual([])
  })

  it('is none away from a run', async () => {
    await accept({}, { request: { ...request, correlationDisplay: '' } })
    expect(instance.writes).toEqual([])
  })

  it('in a dry run is told', async () => {
    const { context, change } = await accept({}, {}, true)
    expect(context.planned()).toEqual([{ type: 'bind', change }])
    expect(instance.writes).toEqual([])
  })

  it('whose response was lost is not sent again', async () => {
    instance.fail('update', LOST)
    const { context } = await accept({})
    expect(instance.log).toEqual([`update CHG0030001 correlation_display=${OURS}`, 'get CHG0030001'])
    expect(context.events).toEqual([])
  })

  it('that the instance does not keep is told', async () => {
    const run = () => ({ correlation_display: 'JIRA-1' })
    instance.sandbox.addRule({ table: 'change_request', name: 'Bound to the tracker', run })
    const { context, foreign } = await accept({})
    expect(foreign).toBe(false)
    expect(context.told('not-bound')).toMatchObject([{ change: { correlationDisplay: 'JIRA-1' } }])
  })

  it('that is refused is that problem', async () => {
    instance.fail('update', { kind: 'acl' })
    await problemOf(accept({}), 'role')
  })
})
