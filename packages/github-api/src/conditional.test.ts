import { describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { API, github, problemOf, RUN } from './testing/github.ts'

describe('a read with a condition', () => {
  it('sends the ETag of the last response, and 304 gives that response again', async () => {
    const sent: (string | null)[] = []
    nock(API)
      .get(RUN)
      .times(3)
      .reply(async ({ headers }: Request) => {
        sent.push(headers.get('if-none-match'))
        const known = headers.get('if-none-match') === '"one"'
        return known ? [304] : [200, { status: 'queued' }, { etag: '"one"' }]
      })
    const octokit = await github()
    const read = () =>
      octokit.request('GET /repos/{owner}/{repo}/actions/runs/{run_id}', {
        owner: 'acme',
        repo: 'shop',
        run_id: 7,
        request: { conditional: true }
      })
    const all = [await read(), await read(), await read()]
    expect(sent).toEqual([null, '"one"', '"one"'])
    expect(all.map(({ status, data }) => [status, data.status])).toEqual(Array(3).fill([200, 'queued']))
  })

  it('does not remember a response that it does not understand', async () => {
    const sent: (string | null)[] = []
    nock(API)
      .get(RUN)
      .twice()
      .reply(async ({ headers }: Request) => {
        sent.push(headers.get('if-none-match'))
        const body = sent.length === 1 ? '{"status":' : '{"status":"queued"}'
        return [200, body, { etag: '"one"', 'content-type': 'application/json' }]
      })
    const octokit = await github()
    const run = { owner: 'acme', repo: 'shop', run_id: 7, request: { conditional: true } }
    expect(await problemOf(octokit.rest.actions.getWorkflowRun(run))).toMatchObject({ code: 'not-github' })
    await octokit.rest.actions.getWorkflowRun(run)
    expect(sent).toEqual([null, null])
  })

  it('has no condition at another address', async () => {
    const sent: (string | null)[] = []
    nock(API)
      .get(/runs/)
      .times(2)
      .reply(async ({ headers }: Request) => {
        sent.push(headers.get('if-none-match'))
        return [200, {}, { etag: '"one"' }]
      })
    const octokit = await github()
    const request = { conditional: true }
    await octokit.rest.actions.getWorkflowRun({ owner: 'acme', repo: 'shop', run_id: 7, request })
    await octokit.rest.actions.getWorkflowRun({ owner: 'acme', repo: 'shop', run_id: 8, request })
    expect(sent).toEqual([null, null])
  })
})
