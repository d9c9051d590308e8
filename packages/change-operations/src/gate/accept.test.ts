import { seedId } from '@change-actions/sandbox'
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Resolved } from '../create/request.ts'
import { problemOf } from '../testing/context.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'
import { GROUP } from '../testing/records.ts'
import { type Acceptance, acceptNamed } from './accept.ts'

const CI = seedId('cmdb_ci', 'prod-k8s-cluster')
const OTHER_CI = seedId('cmdb_ci', 'production-k8s-cluster')
const OTHER_GROUP = seedId('sys_user_group', 'platform-team')
let instance: TestInstance

const resolved: Resolved = {
  type: 'normal',
  template: undefined,
  model: undefined,
  fields: {},
  unverified: [],
  unverifiedChoices: []
}

async function accept(fields: Record<string, string>, more: Partial<Acceptance> = {}) {
  acceptNamed(await instance.add(fields), {
    resolved,
    proceedStates: ['scheduled', 'implement'],
    waitStates: ['new', 'assess', 'authorize', 'scheduled'],
    ...more
  })
}

describe.each(APIS)('the kind of a named change (%s)', api => {
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
    await accept({ cmdb_ci: CI, assignment_group: GROUP, std_change_producer_version: 'v9' }, wanted)
  })

  it('that is another one is refused, with every field', async () => {
    const others = {
      cmdb_ci: OTHER_CI,
      assignment_group: OTHER_GROUP,
      std_change_producer_version: 'v8'
    }
    const { facts } = await problemOf(accept(others, wanted), 'foreign-change')
    expect(facts.why).toEqual({
      code: 'other-kind',
      fields: [
        { field: 'cmdb_ci', display: 'production-k8s-cluster' },
        { field: 'assignment_group', display: 'Platform Team' },
        { field: 'std_change_producer_version', display: 'Other' }
      ]
    })
  })

  it('is not judged where the request names none, nor for a template without a version', async () => {
    await accept({ cmdb_ci: OTHER_CI })
    const versionless = { resolved: { ...resolved, template: { ...template, version: '' } } }
    await accept({ std_change_producer_version: 'v8' }, versionless)
  })
})

describe.each(APIS)('a named change in Review (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('was used already', async () => {
    const problem = await problemOf(accept({ state: '0' }), 'already-used')
    expect(problem).toMatchObject({ outcome: 'unexpected-state', facts: {} })
  })

  it.each([{ proceedStates: ['review'] }, { waitStates: ['review'] }] as const)(
    'is accepted where its state is listed: %j',
    states => accept({ state: '0' }, states)
  )
})
