import { oldScope, stateMap } from '@change-actions/change-control'
import { describe, expect, it } from '@jest/globals'
import { type BoundQuestion, boundChanges, creatorsOf } from '../index.ts'
import { contextOn } from '../testing/context.ts'
import { DEPLOYMENT } from '../testing/deployment.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'

const QUESTION: BoundQuestion = {
  repositories: [{ server: DEPLOYMENT.server, repository: 'Acme/Shop', environments: ['production'] }],
  trustedAccounts: [],
  bindingKey: undefined,
  narrow: query => query,
  fields: [],
  operation: 'reading the bound changes'
}

const read = (instance: TestInstance, more: Partial<BoundQuestion> = {}) =>
  boundChanges(contextOn(instance), { ...QUESTION, ...more })

describe.each(APIS)('bound changes (%s)', api => {
  it('are ours where our account or a trusted one made them; the creators of the others are named', async () => {
    const instance = startInstance({ api })
    const { number } = instance.plant()
    instance.plant({ sys_created_by: 'anna.approver' })
    instance.plant({ sys_created_by: 'anna.approver' })
    instance.plant({ correlation_display: 'JIRA-1' })
    const { ours, others, hidden } = await read(instance)
    expect(ours).toMatchObject([
      { change: { number }, binding: { runId: '1001' }, repository: { repository: 'Acme/Shop' } }
    ])
    expect(creatorsOf(others)).toEqual([{ creator: 'anna.approver', changes: 2 }])
    expect(hidden).toBe(false)
    expect((await read(instance, { trustedAccounts: ['Anna.Approver'] })).ours).toHaveLength(3)
  })

  it('of the first release are found by the environments that are known', async () => {
    const instance = startInstance({ api })
    const parts = { serverUrl: DEPLOYMENT.server, repository: DEPLOYMENT.repository }
    const boundTo = (environment: string) => `gha 65dbbeda5ade 1001 ${oldScope({ ...parts, environment })}`
    const { number } = instance.plant({ correlation_display: boundTo('production') })
    instance.plant({ correlation_display: boundTo('unknown') })
    expect((await read(instance)).ours.map(one => one.change.number)).toEqual([number])
  })

  it('may be narrowed to states, also to those of the instance', async () => {
    const instance = startInstance({ api })
    const { number } = instance.plant({ state: '-2' })
    instance.plant({ state: '3' })
    const states = stateMap([{ state: '3', name: 'implement' }])
    const context = contextOn(instance, { states })
    const only = (state: string) =>
      boundChanges(context, { ...QUESTION, narrow: query => query.is('state', state) })
    expect((await only('-2')).ours.map(one => one.change.number)).toEqual([number])
    expect((await only('-1')).ours.map(one => one.change.state)).toEqual(['-1'])
  })
})
