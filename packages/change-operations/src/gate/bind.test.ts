import { clientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { CreateRequest, Resolved } from '../create/request.ts'
import { bindingFor } from '../deployment-texts.ts'
import { DEPLOYMENT } from '../testing/deployment.ts'
import { contextOn, problemOf } from '../testing/fake-context.ts'
import { FakeInstance } from '../testing/fake-instance.ts'
import type { Cell } from '../testing/fake-records.ts'
import { type Acceptance, acceptChange } from './bind.ts'

const CI = '27d32778c0a8000b00db970eeaa60f16'
const GROUP = 'd625dccec0a8016700a222a0f7900d06'
const OURS = bindingFor(DEPLOYMENT)
const OTHER_COMMIT = bindingFor({ ...DEPLOYMENT, commit: 'f'.repeat(40), run: '999' })
const OF_REPOSITORY = bindingFor({ ...DEPLOYMENT, environment: '' })
const ELSEWHERE = bindingFor({ ...DEPLOYMENT, repository: 'acme/other' })
let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

const request: CreateRequest = {
  supplied: { number: 'CHG0030001' },
  type: undefined,
  template: undefined,
  model: undefined,
  given: {},
  generated: {},
  references: {},
  choices: {},
  parent: undefined,
  note: undefined,
  correlationId: 'gha-1',
  correlationDisplay: OURS,
  reuse: true,
  matchTitle: false,
  requestApproval: true,
  resubmit: false,
  retried: false
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

function accept(cells: Record<string, Cell>, more: Partial<Acceptance> = {}, dryRun = false) {
  const change = fake.add(cells)
  const context = contextOn(fake, { dryRun })
  const accepted = acceptChange(context, change, {
    request,
    resolved,
    deployment: DEPLOYMENT,
    allowForeignChange: false,
    proceedStates: ['scheduled', 'implement'],
    waitStates: ['new', 'assess', 'authorize', 'scheduled'],
    ...more
  })
  return { change, context, accepted }
}

const binding = () => fake.rows.at(-1)?.correlation_display?.value

describe('whose change it is', () => {
  it.each([
    ['unbound', ''],
    ['bound by another tool', 'JIRA-1'],
    ['bound to this repository and environment', OURS],
    ['bound to this repository by create-change', OF_REPOSITORY]
  ])('%s: accepted', async (_, display) => {
    expect(await accept({ correlation_display: display }).accepted).toEqual({ foreign: false })
  })

  it.each([
    ['another repository', ELSEWHERE],
    ['another environment', bindingFor({ ...DEPLOYMENT, environment: 'staging' })],
    ['another server', bindingFor({ ...DEPLOYMENT, server: 'https://ghe.example' })]
  ])('bound to %s: refused, or accepted as it is', async (_, display) => {
    const refused = accept({ correlation_display: display }).accepted
    const problem = await problemOf(refused, 'foreign-change')
    expect(problem.facts).toEqual({ why: { code: 'bound-elsewhere' } })
    expect(problem).toMatchObject({ outcome: 'foreign-change', subject: { number: 'CHG0030001' } })
    const { accepted } = accept({ correlation_display: display }, { allowForeignChange: true })
    expect(await accepted).toEqual({ foreign: true })
    expect(fake.writes).toEqual([])
  })

  it('is not judged for a change of this very deployment', async () => {
    const { accepted } = accept({ correlation_id: 'gha-1', correlation_display: ELSEWHERE }, found)
    expect(await accepted).toEqual({ foreign: false })
    expect(fake.writes).toEqual([])
  })

  it('is judged for a change that was found by its title', async () => {
    await problemOf(accept({ correlation_display: ELSEWHERE }, found).accepted, 'foreign-change')
    expect(await accept({ correlation_id: 'gha-2' }, found).accepted).toEqual({ foreign: false })
    expect(binding()).toBe(OURS)
  })

  it('is judged by its binding for a supplied change, whatever its correlation id', async () => {
    const supplied = accept({ correlation_id: 'gha-1', correlation_display: ELSEWHERE })
    await problemOf(supplied.accepted, 'foreign-change')
  })
})

describe('the kind of a supplied change', () => {
  const template = { sysId: 't', name: 'Standard', version: 'v9' }
  const wanted = {
    resolved: { ...resolved, template, fields: { cmdb_ci: CI, assignment_group: GROUP } }
  }
  const cells: Record<string, Cell> = {
    cmdb_ci: [CI, 'shop'],
    assignment_group: [GROUP, 'DevOps Team'],
    std_change_producer_version: ['v9', 'Standard']
  }

  it('is that of the request', async () => {
    expect(await accept(cells, wanted).accepted).toEqual({ foreign: false })
  })

  it('that is another one is refused, with every field, even where a foreign change is allowed', async () => {
    const others: Record<string, Cell> = {
      cmdb_ci: ['x', 'till'],
      assignment_group: ['y', 'CAB'],
      std_change_producer_version: ['v8', 'Other']
    }
    const { accepted } = accept(others, { ...wanted, allowForeignChange: true })
    const { facts } = await problemOf(accepted, 'foreign-change')
    expect(facts.why).toEqual({
      code: 'other-kind',
      fields: [
        { field: 'cmdb_ci', display: 'till' },
        { field: 'assignment_group', display: 'CAB' },
        { field: 'std_change_producer_version', display: 'Other' }
      ]
    })
    expect(fake.writes).toEqual([])
  })

  it('is not judged where the request names none, nor for a template without a version', async () => {
    expect(await accept({ cmdb_ci: ['x', 'till'] }).accepted).toEqual({ foreign: false })
    const versionless = { resolved: { ...resolved, template: { ...template, version: '' } } }
    expect(await accept({ std_change_producer_version: 'v8' }, versionless).accepted).toEqual({
      foreign: false
    })
  })

  it('is not judged for a change found by its title', async () => {
    expect(await accept({ cmdb_ci: ['x', 'till'] }, { ...wanted, ...found }).accepted).toEqual({
      foreign: false
    })
  })
})

describe('a supplied change in Review', () => {
  it('was used already', async () => {
    const problem = await problemOf(accept({ state: '0' }).accepted, 'already-used')
    expect(problem).toMatchObject({ outcome: 'unexpected-state', facts: {} })
    expect(fake.writes).toEqual([])
  })

  it.each([{ proceedStates: ['review'] }, { waitStates: ['review'] }] as const)(
    'is accepted where its state is listed: %j',
    async states => {
      expect(await accept({ state: '0' }, states).accepted).toEqual({ foreign: false })
    }
  )

  it('is accepted where it was found by its title', async () => {
    expect(await accept({ state: '0' }, found).accepted).toEqual({ foreign: false })
  })
})

describe('the binding', () => {
  it.each<[string, Record<string, Cell>, string]>([
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
  ])('%s', async (_, cells, display) => {
    await accept(cells).accepted
    expect(binding()).toBe(display)
  })

  it('to this commit already is not written again', async () => {
    await accept({ correlation_display: OURS }).accepted
    await accept({ correlation_display: OF_REPOSITORY }).accepted
    expect(fake.writes).toEqual([])
  })

  it('is none away from a run', async () => {
    await accept({}, { request: { ...request, correlationDisplay: '' } }).accepted
    expect(fake.writes).toEqual([])
  })

  it('in a dry run is told', async () => {
    const { context, change, accepted } = accept({}, {}, true)
    await accepted
    expect(context.planned()).toEqual([{ type: 'bind', change }])
    expect(fake.writes).toEqual([])
  })

  it('whose response was lost is not sent again', async () => {
    fake.fail('update', 'lost')
    const { context, accepted } = accept({})
    await accepted
    expect(fake.log).toEqual([`update CHG0030001 correlation_display=${OURS}`, 'check CHG0030001'])
    expect(context.events).toEqual([])
  })

  it('that the instance does not keep is told', async () => {
    fake.rule = () => ({ correlation_display: 'JIRA-1' })
    const { context, accepted } = accept({})
    expect(await accepted).toEqual({ foreign: false })
    expect(context.told('not-bound')).toMatchObject([{ change: { correlationDisplay: 'JIRA-1' } }])
  })

  it('that is refused is that problem', async () => {
    fake.fail('update', clientProblem('role', { operation: 'binding' }))
    await problemOf(accept({}).accepted, 'role')
  })
})
