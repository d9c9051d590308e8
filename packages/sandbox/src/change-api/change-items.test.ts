import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createManualClock, type ManualClock } from '../clock.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { as, CHANGE, newChange } from '../testing/caller.ts'

let sandbox: Sandbox
let clock: ManualClock

beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 11, 3, 12))
  sandbox = await startSandbox({ ...clock, approvalDelayMs: 1000 })
})

afterEach(() => sandbox.stop())

const cluster = seedId('cmdb_ci', 'prod-k8s-cluster')
const server = seedId('cmdb_ci', 'payments-db-server')
const service = seedId('cmdb_ci', 'payments')

/** The display values of the items of a change. */
async function items(id: string, type: string, field = 'ci_item'): Promise<string[]> {
  const listed = await as(sandbox).get(`${CHANGE}/${id}/ci?association_type=${type}`)
  const rows = listed.at('result') as Record<string, { display_value: string }>[]
  return rows.flatMap(row => row[field]?.display_value ?? [])
}

/** Starts a worker, lets it end, and returns the status of the start and the result of the worker. */
async function work(path: string, body?: unknown) {
  const started = await as(sandbox).post(path, body)
  clock.advance(1000)
  const worker = await as(sandbox).get(`${CHANGE}/worker/${started.at('result', 'worker', 'sysId')}`)
  return { status: started.status, worker }
}

describe('the configuration items of a change', () => {
  it('are the one of the change and those that are added', async () => {
    const id = await newChange(sandbox, { cmdb_ci: cluster })
    expect(await items(id, 'affected')).toEqual(['prod-k8s-cluster'])
    const body = { cmdb_ci_sys_ids: [server, cluster, 'unknown'], association_type: 'affected' }
    const { status, worker } = await work(`${CHANGE}/${id}/ci`, body)
    expect(status).toBe(202)
    expect(worker.at('result')).toMatchObject({
      type: 'affected',
      state: { value: 3, display_value: 'Complete' },
      messages: {
        errorMessages: [],
        warningMessages: ['Invalid CMDB_CI sys_id provided: unknown'],
        infoMessages: [`CMDB_CI sys_id already associated: ${cluster}`]
      }
    })
    expect(await items(id, 'affected')).toEqual(['prod-k8s-cluster', 'payments-db'])
    expect(await items(id, 'impacted', 'cmdb_ci_service')).toEqual([])
  })

  it('follow the configuration item of the change', async () => {
    const id = await newChange(sandbox, { cmdb_ci: cluster })
    await as(sandbox).patch(`${CHANGE}/${id}`, { cmdb_ci: server })
    expect(await items(id, 'affected')).toEqual(['payments-db'])
  })

  it('may be given as one text; all of them unknown is an error', async () => {
    const id = await newChange(sandbox)
    const { worker } = await work(`${CHANGE}/${id}/ci`, {
      cmdb_ci_sys_ids: 'one, two',
      association_type: 'offering'
    })
    expect(worker.at('result', 'state', 'display_value')).toBe('Error')
    expect(worker.at('result', 'messages', 'errorMessages')).toHaveLength(2)
  })

  it('go with the change', async () => {
    const id = await newChange(sandbox, { cmdb_ci: cluster })
    sandbox.remove('change_request', id)
    expect(sandbox.rows('task_ci')).toEqual([])
  })

  it.each([
    ['GET', '?association_type=all', undefined],
    ['GET', '', undefined],
    ['POST', '', { association_type: 'affected' }],
    ['POST', '', { cmdb_ci_sys_ids: cluster }]
  ])('need what %s %s %j leaves out', async (method, query, body) => {
    const path = `${CHANGE}/${await newChange(sandbox)}/ci${query}`
    const response = method === 'GET' ? await as(sandbox).get(path) : await as(sandbox).post(path, body)
    expect(response.status).toBe(400)
  })

  it('are not added without write access', async () => {
    const path = `${CHANGE}/${await newChange(sandbox)}`
    const { post } = as(sandbox, 'gha.reader')
    expect((await post(`${path}/ci`, { cmdb_ci_sys_ids: cluster })).status).toBe(403)
    expect((await post(`${path}/refresh_impacted_services`)).status).toBe(403)
  })
})

describe('the impacted services of a change', () => {
  it('are those that depend on its configuration item', async () => {
    const id = await newChange(sandbox, { cmdb_ci: server })
    const { status, worker } = await work(`${CHANGE}/${id}/refresh_impacted_services`)
    expect(status).toBe(200)
    expect(worker.at('result', 'type')).toBe('impacted')
    expect(worker.at('result', 'request')).toBe('')
    expect(await items(id, 'impacted', 'cmdb_ci_service')).toEqual(['Payments'])
  })

  it('are replaced, but for those that were added by hand', async () => {
    const id = await newChange(sandbox, { cmdb_ci: server })
    await work(`${CHANGE}/${id}/refresh_impacted_services`)
    await as(sandbox).patch(`${CHANGE}/${id}`, { cmdb_ci: cluster })
    await work(`${CHANGE}/${id}/refresh_impacted_services`)
    expect(await items(id, 'impacted', 'cmdb_ci_service')).toEqual([])
    await work(`${CHANGE}/${id}/ci`, { cmdb_ci_sys_ids: service, association_type: 'impacted' })
    await work(`${CHANGE}/${id}/refresh_impacted_services`)
    expect(await items(id, 'impacted', 'cmdb_ci_service')).toEqual(['Payments'])
  })

  it('come with affected items when asked for', async () => {
    const id = await newChange(sandbox, { cmdb_ci: cluster })
    const body = { cmdb_ci_sys_ids: server, association_type: 'affected', refresh_impacted_services: true }
    await work(`${CHANGE}/${id}/ci`, body)
    expect(await items(id, 'impacted', 'cmdb_ci_service')).toEqual(['Payments'])
  })
})
