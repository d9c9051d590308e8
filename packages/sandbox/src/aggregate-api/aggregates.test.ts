import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { as } from '../testing/caller.ts'

const STATS = '/api/now/stats'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox()
  const group = seedId('sys_user_group', 'devops-team')
  for (const [state, risk, assignment_group] of [
    ['-5', '4', group],
    ['-5', '2', group],
    ['3', '3', group],
    ['-5', '', '']
  ] as const) {
    sandbox.insert('change_request', { state, risk, assignment_group })
  }
})

afterEach(() => sandbox.stop())

async function stats(query: string, user = 'gha.deployer') {
  const response = await as(sandbox, user).get(`${STATS}/change_request?${query}`)
  return { status: response.status, result: response.at('result') }
}

describe('the Aggregate API', () => {
  it('counts the records of a query', async () => {
    expect((await stats('sysparm_count=true')).result).toEqual({ stats: { count: '4' } })
    expect((await stats('sysparm_count=true&sysparm_query=state=-5')).result).toEqual({
      stats: { count: '3' }
    })
    expect((await stats('sysparm_count=true&state=3')).result).toEqual({ stats: { count: '1' } })
    expect((await stats('sysparm_query=state=3')).result).toEqual({ stats: {} })
  })

  it('computes average, sum, least and greatest value, without empty ones', async () => {
    const fields = ['avg', 'sum', 'min', 'max'].map(name => `sysparm_${name}_fields=risk,nonsense`)
    expect((await stats(fields.join('&'))).result).toEqual({
      stats: { avg: { risk: '3.0000' }, sum: { risk: '9' }, min: { risk: '2' }, max: { risk: '4' } }
    })
  })

  it('groups, selects and orders groups', async () => {
    const grouped = 'sysparm_count=true&sysparm_group_by=state&sysparm_order_by=COUNT^DESC'
    expect((await stats(grouped)).result).toEqual([
      { stats: { count: '3' }, groupby_fields: [{ field: 'state', value: '-5' }] },
      { stats: { count: '1' }, groupby_fields: [{ field: 'state', value: '3' }] }
    ])
    expect((await stats(`${grouped}&sysparm_having=count^state^>^1`)).result).toMatchObject([
      { stats: { count: '3' } }
    ])
    expect((await stats(`${grouped}&sysparm_having=count>1`)).status).toBe(400)
    const byField = 'sysparm_count=true&sysparm_group_by=state&sysparm_order_by=state^DESC'
    expect((await stats(byField)).result).toMatchObject([
      { stats: { count: '1' } },
      { stats: { count: '3' } }
    ])
  })

  it('names groups by display values when asked', async () => {
    const query = 'sysparm_count=true&sysparm_query=state=3&sysparm_group_by=assignment_group.name,state'
    expect((await stats(`${query}&sysparm_display_value=all`)).result).toEqual([
      {
        stats: { count: '1' },
        groupby_fields: [
          { field: 'assignment_group.name', value: 'DevOps Team', display_value: 'DevOps Team' },
          { field: 'state', value: '3', display_value: 'Closed' }
        ]
      }
    ])
    expect((await stats(`${query}&sysparm_display_value=true`)).result).toMatchObject([
      { groupby_fields: [{}, { value: 'Closed' }] }
    ])
  })

  it('refuses records that the account may not read, unknown tables and other methods', async () => {
    expect((await stats('sysparm_count=true', 'no.roles')).status).toBe(403)
    const { status, at } = await as(sandbox).get(`${STATS}/no_table?sysparm_count=true`)
    expect([status, at('error', 'message')]).toEqual([400, 'Invalid table no_table'])
    expect((await as(sandbox).post(`${STATS}/change_request`)).status).toBe(405)
  })
})
