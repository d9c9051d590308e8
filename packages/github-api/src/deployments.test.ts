import { describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { type DeploymentSpan, deploymentsOf, type RecordedDeployment } from './deployments.ts'
import { API, github, problemOf } from './testing/github.ts'

const SPAN: DeploymentSpan = {
  owner: 'acme',
  repo: 'shop',
  environments: [],
  since: Date.parse('2026-11-01T00:00:00Z'),
  until: Date.parse('2026-11-30T00:00:00Z')
}

const node = (id: number, createdAt: string, statuses: object[] = []) => ({
  databaseId: id,
  commitOid: 'F00D'.repeat(10),
  createdAt,
  environment: 'production',
  statuses: { totalCount: statuses.length, nodes: statuses }
})

const status = (state: string, createdAt: string, logUrl: string | null = null) => ({
  state,
  createdAt,
  logUrl
})

function page(nodes: readonly (object | null)[], next?: string): nock.Scope {
  const pageInfo = { hasNextPage: next !== undefined, endCursor: next ?? null }
  return nock(API)
    .post('/graphql')
    .reply(200, { data: { repository: { deployments: { pageInfo, nodes } } } })
}

async function read(more: Partial<DeploymentSpan> = {}) {
  const octokit = await github()
  const all: RecordedDeployment[] = []
  for await (const one of deploymentsOf(octokit, { ...SPAN, ...more })) all.push(one)
  return all
}

describe('the deployments of a repository', () => {
  it('are read with the run of their job and their statuses, oldest first', async () => {
    const log = 'https://github.com/acme/shop/actions/runs/77/job/88'
    page([
      node(1, '2026-11-20T10:00:00Z', [
        status('SUCCESS', '2026-11-20T10:05:00Z', log),
        status('IN_PROGRESS', '2026-11-20T10:01:00Z', log)
      ])
    ])
    expect(await read()).toEqual([
      {
        id: 1,
        environment: 'production',
        commit: 'f00d'.repeat(10),
        createdAt: Date.parse('2026-11-20T10:00:00Z'),
        statuses: [
          { state: 'in_progress', at: Date.parse('2026-11-20T10:01:00Z') },
          { state: 'success', at: Date.parse('2026-11-20T10:05:00Z') }
        ],
        runId: '77',
        cut: false
      }
    ])
  })

  it('are read page by page until they are older than the span', async () => {
    page([node(3, '2026-12-24T10:00:00Z'), node(2, '2026-11-20T10:00:00Z'), null], 'a')
    const last = page([node(1, '2026-11-10T10:00:00Z'), node(0, '2026-10-01T10:00:00Z')], 'b')
    expect((await read()).map(one => one.id)).toEqual([2, 1])
    expect(last.isDone()).toBe(true)
  })

  it('say that no run is known, and that there are more statuses', async () => {
    const one = node(1, '2026-11-20T10:00:00Z', [status('SUCCESS', '2026-11-20T10:05:00Z', 'https://ci/7')])
    page([{ ...one, statuses: { ...one.statuses, totalCount: 30 } }])
    expect(await read()).toMatchObject([{ runId: undefined, cut: true }])
  })

  it('say that the statuses may not be read', async () => {
    page([{ ...node(1, '2026-11-20T10:00:00Z'), statuses: null }])
    expect(await read()).toMatchObject([{ statuses: [], cut: true }])
  })

  it('of a repository that is not shown are a problem, also without an error', async () => {
    nock(API)
      .post('/graphql')
      .reply(200, { data: { repository: null } })
    expect(await problemOf(read())).toMatchObject({ code: 'not-found' })
  })

  it('that may not be read are a problem, not an empty list', async () => {
    nock(API)
      .post('/graphql')
      .reply(200, {
        data: { repository: null },
        errors: [{ type: 'NOT_FOUND', path: ['repository'], message: 'Could not resolve to a Repository' }]
      })
    expect(await problemOf(read())).toMatchObject({ code: 'not-found' })
  })
})
