import { describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { listAll } from './pages.ts'
import { API, github, problemOf } from './testing/github.ts'

describe('a list', () => {
  const path = '/repos/acme/shop/actions/runs'
  const page = (n: number, last: number) => {
    const link = n < last ? { link: `<${API}${path}?per_page=2&page=${n + 1}>; rel="next"` } : {}
    nock(API)
      .get(path)
      .query(query => (query.page ?? '1') === String(n))
      .reply(200, { total_count: 9, workflow_runs: [{ id: n * 10 }, { id: n * 10 + 1 }] }, link)
  }
  const list = async (maxPages?: number) => {
    const octokit = await github()
    const pages = octokit.paginate.iterator(octokit.rest.actions.listWorkflowRunsForRepo, {
      owner: 'acme',
      repo: 'shop',
      per_page: 2
    })
    const { items, complete } = await listAll(pages, maxPages)
    return { ids: items.map(({ id }) => id), complete }
  }

  it('is read to its last page', async () => {
    for (const n of [1, 2, 3]) page(n, 3)
    expect(await list()).toEqual({ ids: [10, 11, 20, 21, 30, 31], complete: true })
  })

  it('that is longer than asked for says so', async () => {
    for (const n of [1, 2]) page(n, 3)
    expect(await list(2)).toEqual({ ids: [10, 11, 20, 21], complete: false })
  })

  it('that has as many pages as are read is complete', async () => {
    for (const n of [1, 2]) page(n, 2)
    expect(await list(2)).toEqual({ ids: [10, 11, 20, 21], complete: true })
  })

  it('whose second page fails is a problem', async () => {
    page(1, 2)
    nock(API).get(path).query(true).reply(502, 'no')
    expect(await problemOf(list())).toMatchObject({ code: 'server' })
  })

  it('whose next page is on another host is a problem', async () => {
    nock(API)
      .get(path)
      .query(true)
      .reply(200, { total_count: 9, workflow_runs: [] }, { link: '<https://evil.test/x>; rel="next"' })
    expect(await problemOf(list())).toMatchObject({ code: 'redirect' })
  })
})
