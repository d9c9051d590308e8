import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { readApprovals, readApprovalsOfMany } from './approvals.ts'
import { Pipeline } from './http/pipeline.ts'
import { serve } from './testing/loopback.ts'
import { problemOf, testOptions } from './testing/options.ts'
import { type Row, type TableResponse, tables } from './testing/tables.ts'

const CHANGE = 'cc69c3bf9f1032106b4c1d8a0f0b6a11'
const open: (() => Promise<void>)[] = []

beforeAll(() => nock.restore())
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function approvals(response: TableResponse) {
  const all = await tables({ sysapproval_approver: () => response })
  open.push(all.close)
  return { result: readApprovals(all.pipeline, CHANGE), seen: all.server.seen, requests: all.requests }
}

const row = (more: Row): Row => ({
  sys_id: 'r',
  sysapproval: [CHANGE, 'CHG0030001'],
  state: 'requested',
  ...more
})

describe('approvals', () => {
  it('have the approvers, their states and their comments', async () => {
    const { result, requests } = await approvals([
      row({
        approver: ['u1', 'Kim Lee'],
        'approver.user_name': 'kim.lee',
        'group.assignment_group': ['g1', 'CAB Approval'],
        group: ['x', 'x'],
        state: ['rejected', 'Rejected'],
        comments: ['', '2026-11-21 - Kim Lee (Comments)\nnot today\n\n'],
        sys_updated_on: ['2026-11-21 12:00:00', '2026-11-21 04:00:00']
      }),
      row({ sys_id: 'r2', approver: ['u2', ''] })
    ])
    expect(await result).toEqual([
      {
        approver: 'Kim Lee',
        approverId: 'u1',
        userName: 'kim.lee',
        group: 'CAB Approval',
        state: 'rejected',
        comments: 'not today',
        at: '2026-11-21 12:00:00'
      },
      { approver: '', approverId: 'u2', userName: '', group: '', state: 'requested', comments: '', at: '' }
    ])
    expect(requests()).toEqual([
      `sysapproval_approver?sysapproval=${CHANGE}^ORDERBYsys_created_on^ORDERBYapprover^ORDERBYsys_id`
    ])
  })

  it('are read beyond the first hundred', async () => {
    const many = Array.from({ length: 101 }, (_, n) =>
      row({ sys_id: `r${n}`, approver: [`u${n}`, `Kim ${n}`] })
    )
    const { result, requests } = await approvals(many)
    expect((await result)?.at(-1)?.approver).toBe('Kim 100')
    expect(requests()).toHaveLength(2)
  })

  it('are unknown when there are more than are read', async () => {
    const many = Array.from({ length: 1_001 }, (_, n) => row({ sys_id: `r${n}` }))
    expect(await (await approvals(many)).result).toBeUndefined()
  })

  it('are only ever read', async () => {
    const { result, seen } = await approvals([row({})])
    await result
    expect(seen.map(one => one.method)).toEqual(['GET'])
  })

  it('are an empty list when there are none', async () => {
    expect(await (await approvals([])).result).toEqual([])
  })

  it.each<[string, TableResponse]>([
    ['rows that are hidden', { rows: [], total: 2 }],
    ['a table that may not be read', { status: 403, message: 'Failed API level ACL Validation' }],
    ['a table that is missing', { status: 400, message: 'Invalid table sysapproval_approver' }],
    ['a term that may not be queried', [{ sys_id: 'r', state: 'approved' }]],
    ['the rows of another change', [row({ sysapproval: ['other', 'CHG2'], state: 'approved' })]]
  ])('are unknown with %s', async (_, response) => {
    expect(await (await approvals(response)).result).toBeUndefined()
  })

  it('are unknown behind a gateway that has a page of its own for the table', async () => {
    const server = await serve((_, response) =>
      response.writeHead(404, { 'Content-Type': 'text/html' }).end('<title>404 Not Found</title>')
    )
    const pipeline = new Pipeline(testOptions(server.origin))
    open.push(() => pipeline.close(), server.close)
    expect(await readApprovals(pipeline, CHANGE)).toBeUndefined()
  })

  it('are not unknown because of an outage or wrong credentials', async () => {
    for (const [status, code] of [
      [503, 'unavailable'],
      [401, 'credentials']
    ] as const) {
      const { result } = await approvals({ status, message: 'x' })
      await problemOf(code, result)
    }
  })
})

describe('approvals of many changes', () => {
  const ids = Array.from({ length: 150 }, (_, n) => n.toString(16).padStart(32, '0'))
  const [first = '', second = ''] = ids

  async function ofMany(response: (query: string) => TableResponse, sysIds = ids) {
    const all = await tables({ sysapproval_approver: response })
    open.push(all.close)
    return { found: await readApprovalsOfMany(all.pipeline, sysIds), requests: all.requests() }
  }

  it('take a request for each hundred changes', async () => {
    const rows: Row[] = [
      { sys_id: 'r1', sysapproval: first, approver: ['u1', 'Kim Lee'], state: 'approved' },
      { sys_id: 'r2', sysapproval: second, approver: ['u1', 'Kim Lee'], state: 'requested' }
    ]
    const { found, requests } = await ofMany(query => (query.includes(first) ? rows : []))
    expect(requests).toHaveLength(2)
    expect(found.size).toBe(150)
    expect(found.get(first)).toMatchObject([{ approver: 'Kim Lee', state: 'approved' }])
    expect(found.get(ids[2] ?? '')).toEqual([])
  })

  it('are not taken for none where rows are refused', async () => {
    const { found } = await ofMany(() => ({ status: 403, message: 'no' }), [first])
    expect(found.has(first)).toBe(false)
  })
})
