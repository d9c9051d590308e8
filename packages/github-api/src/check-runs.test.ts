import { describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { writeCheck } from './check-runs.ts'
import { API, github } from './testing/github.ts'

const COMMIT = 'f00d'.repeat(10)
const CHECK = {
  name: 'Preview',
  commit: COMMIT,
  externalId: 'key',
  conclusion: 'neutral',
  title: 'Names to correct: 1',
  summary: '### production',
  detailsUrl: 'https://github.test/acme/shop/actions/runs/7'
} as const
const NAME = { owner: 'acme', repo: 'shop' }
const WRITTEN = {
  status: 'completed',
  conclusion: 'neutral',
  output: { title: CHECK.title, summary: CHECK.summary },
  details_url: CHECK.detailsUrl
}

const found = (...ids: readonly (readonly [id: number, externalId: string])[]) =>
  nock(API)
    .get(`/repos/acme/shop/commits/${COMMIT}/check-runs`)
    .query({ check_name: 'Preview', filter: 'all', per_page: 100 })
    .reply(200, {
      total_count: ids.length,
      check_runs: ids.map(([id, external_id]) => ({ id, external_id }))
    })

describe('a check run', () => {
  it('is created where there is none', async () => {
    found([1, 'another'])
    nock(API)
      .post('/repos/acme/shop/check-runs', {
        ...WRITTEN,
        name: 'Preview',
        head_sha: COMMIT,
        external_id: 'key'
      })
      .reply(201, { id: 2, html_url: 'https://github.test/2' })
    expect(await writeCheck(await github(), NAME, CHECK)).toBe('https://github.test/2')
  })

  it('is written anew where there is one', async () => {
    found([1, 'another'], [2, 'key'])
    nock(API)
      .patch('/repos/acme/shop/check-runs/2', WRITTEN)
      .reply(200, { id: 2, html_url: 'https://github.test/2' })
    expect(await writeCheck(await github(), NAME, CHECK)).toBe('https://github.test/2')
  })
})
