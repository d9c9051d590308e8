/** Lists that are longer than one response, on an instance that pages as ServiceNow does. */
import { ACCOUNTS, type Sandbox, startSandbox } from '@change-actions/sandbox'
import { Query, type ServiceNowClient } from '@change-actions/servicenow-client'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import nock from '../nock.ts'
import { client } from './kit.ts'

const COUNT = 101

let sandbox: Sandbox
const open: ServiceNowClient[] = []

beforeAll(async () => {
  nock.restore()
  sandbox = await startSandbox()
})
afterAll(async () => {
  for (const one of open) await one.close()
  await sandbox.stop()
})

/** A client of the sandbox, and a change with a deployment's correlation id. */
function connected(api: 'change-management' | 'table') {
  const password = ACCOUNTS.find(account => account.userName === 'admin')?.password ?? ''
  const one = client({
    instance: sandbox.url,
    api,
    credentials: { scheme: 'basic', username: 'admin', password }
  })
  open.push(one)
  return one
}

function times(count: number, make: (n: number) => unknown): void {
  for (let n = 0; n < count; n += 1) make(n)
}

describe.each(['change-management', 'table'] as const)('on the %s API', api => {
  it('all changes of a correlation id are found', async () => {
    const correlation = `gha-${api}`
    times(COUNT, n =>
      sandbox.insert('change_request', { correlation_id: correlation, short_description: `${n}` })
    )
    const found = await connected(api).changes.find(new Query().is('correlation_id', correlation), 'finding')
    expect(new Set(found.map(one => one.sysId)).size).toBe(COUNT)
  })

  it('the newest changes come in one request', async () => {
    const correlation = `gha-newest-${api}`
    const at = (n: number) =>
      new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString().slice(0, 19).replace('T', ' ')
    times(COUNT, n => {
      const sysId = sandbox.insert('change_request', {
        correlation_id: correlation,
        short_description: `${n}`
      })
      sandbox.set('change_request', sysId, { sys_created_on: at(n) })
    })
    const one = connected(api)
    const found = await one.changes.findNewest(new Query().is('correlation_id', correlation), 'finding')
    expect(found.map(change => Number(change.fields.short_description?.value))).toEqual(
      Array.from({ length: 100 }, (_, n) => COUNT - 1 - n)
    )
    expect(one.stats.requests).toBe(1)
  })

  it('the 101st task is open, too', async () => {
    const change = sandbox.insert('change_request', { short_description: 'Deploy' })
    times(COUNT, n =>
      sandbox.insert('change_task', {
        change_request: change,
        parent: change,
        state: '1',
        short_description: `${n}`
      })
    )
    expect(await connected(api).changes.openTasks(change)).toHaveLength(COUNT)
  })
})

it('the 101st approval is read', async () => {
  const change = sandbox.insert('change_request', { short_description: 'Deploy' })
  times(COUNT, () =>
    sandbox.insert('sysapproval_approver', { sysapproval: change, document_id: change, state: 'requested' })
  )
  expect(await connected('table').approvals(change)).toHaveLength(COUNT)
})

it('a list that fits into one response is one request', async () => {
  const one = connected('table')
  const change = sandbox.insert('change_request', { short_description: 'Deploy' })
  for (const read of [
    () => one.changes.openTasks(change),
    () => one.approvals(change),
    () => one.attachments.list(change)
  ]) {
    const before = one.stats.requests
    await read()
    expect(one.stats.requests - before).toBe(1)
  }
})
