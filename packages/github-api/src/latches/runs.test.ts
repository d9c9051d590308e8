/** Runs that were dispatched: GitHub ends a filtered list at 1,000 without saying so. */
import { describe, expect, it } from '@jest/globals'
import nock from '../../../../test/nock.ts'
import { API, github } from '../testing/github.ts'
import { dispatchedRuns, workflowFile } from './runs.ts'

const FIRST = Date.UTC(2026, 0, 5)
const PATH = '/repos/acme/shop/actions/workflows/release.yml/runs'

/** Runs that were dispatched one a second; a list of them has 1,000 at most. */
function withRuns(count: number, newest = FIRST + count * 1_000) {
  const asked: string[] = []
  const at = (n: number) => new Date(newest - n * 1_000).toISOString().replace('.000', '')
  const all = Array.from({ length: count }, (_, n) => ({
    id: n + 1,
    status: 'completed',
    conclusion: 'success',
    head_sha: 'AB',
    head_branch: 'v1',
    created_at: at(n),
    updated_at: at(n),
    display_title: `Run ${n}`,
    path: '.github/workflows/release.yml@refs/tags/v1'
  }))
  let query = new URLSearchParams()
  nock(API)
    .get(PATH)
    .query(sent => {
      query = new URLSearchParams(sent as Record<string, string>)
      return true
    })
    .times(100)
    .reply(() => {
      const created = query.get('created') ?? ''
      const page = Number(query.get('page') ?? 1)
      asked.push(`${created} ${page}`)
      const [since = '', until = '9'] = created.replace('>=', '').split('..')
      const found = all.filter(run => run.created_at >= since && run.created_at <= until)
      const listed = found.slice(0, 1_000)
      const rest = listed.length > page * 100
      const next = `<${API}${PATH}?${new URLSearchParams({ ...Object.fromEntries(query), page: String(page + 1) })}>; rel="next"`
      return [
        200,
        { total_count: found.length, workflow_runs: listed.slice((page - 1) * 100, page * 100) },
        rest ? { link: next } : {}
      ]
    })
  return asked
}

const list = async () =>
  await dispatchedRuns(await github(), { owner: 'acme', repo: 'shop' }, 'release.yml', { since: FIRST })

describe('dispatched runs', () => {
  it('are one request while there are few', async () => {
    const asked = withRuns(30)
    const { runs, complete } = await list()
    expect(runs).toHaveLength(30)
    expect(runs[0]).toMatchObject({ id: 1, headSha: 'ab', workflow: 'release.yml' })
    expect(complete).toBe(true)
    expect(asked).toEqual(['>=2026-01-05T00:00:00Z 1'])
  })

  it.each([999, 1_000, 1_001, 2_500])('are all read: %i', async count => {
    withRuns(count)
    const { runs, complete } = await list()
    expect(new Set(runs.map(run => run.id)).size).toBe(count)
    expect(runs).toHaveLength(count)
    expect(complete).toBe(true)
  })

  it('that are too many are not complete', async () => {
    const asked = withRuns(3_500)
    const { runs, complete } = await list()
    expect(runs.length).toBeGreaterThan(2_900)
    expect(complete).toBe(false)
    expect(asked).toHaveLength(30)
  })
})

it.each([
  ['.github/workflows/deploy.yml', 'deploy.yml'],
  ['.github/workflows/deploy.yml@refs/tags/v1/rc', 'deploy.yml'],
  ['deploy.yml', 'deploy.yml'],
  ['', '']
])('the file of the workflow %s is %s', (path, file) => {
  expect(workflowFile(path)).toBe(file)
})
