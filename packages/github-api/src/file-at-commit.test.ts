import { afterEach, describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { type FileQuestion, fileAtCommit } from './file-at-commit.ts'
import { GitHubProblem } from './problem.ts'
import { API, TOKEN } from './testing/github.ts'

const SHA = '0123456789abcdef0123456789abcdef01234567'
const CONTENTS = '/repos/acme/shop/contents/.github%2Fpolicy.yml'
const COMMIT = `/repos/acme/shop/commits/${SHA}`

const never = (_: number, signal: AbortSignal) =>
  new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))

const ask = (more: Partial<FileQuestion> = {}) =>
  fileAtCommit({
    apiUrl: API,
    token: TOKEN,
    sleep: never,
    repository: 'acme/shop',
    path: '.github/policy.yml',
    ref: SHA,
    ...more
  })

const file = (text: string) => ({
  type: 'file',
  encoding: 'base64',
  content: Buffer.from(text).toString('base64').replace(/.{4}/g, '$&\n')
})

afterEach(() => {
  const left = nock.pendingMocks()
  nock.cleanAll()
  expect(left).toEqual([])
})

describe('a file in a commit', () => {
  it('is one request, with the token', async () => {
    nock(API, { reqheaders: { authorization: `token ${TOKEN}` } })
      .get(CONTENTS)
      .query({ ref: SHA })
      .reply(200, file('defaults: {}\n'))
    const found = await ask()
    expect(found).toEqual({ kind: 'file', commit: SHA, content: Buffer.from('defaults: {}\n') })
  })

  it('of a branch or tag is that of the commit it stands for', async () => {
    nock(API).get('/repos/acme/shop/commits/v1').query(true).reply(200, { sha: SHA })
    nock(API).get(CONTENTS).query({ ref: SHA }).reply(200, file(''))
    expect(await ask({ ref: 'v1' })).toMatchObject({ kind: 'file', commit: SHA })
    nock(API).get('/repos/acme/shop/commits/v1').query(true).reply(200, { sha: SHA })
    nock(API).get(CONTENTS).query({ ref: SHA }).reply(404, { message: 'Not Found' })
    expect(await ask({ ref: 'v1' })).toEqual({ kind: 'absent', commit: SHA })
  })

  it('is absent only where the commit can be read', async () => {
    nock(API).get(CONTENTS).query(true).reply(404, { message: 'Not Found' })
    nock(API).get(COMMIT).query(true).reply(200, { sha: SHA })
    expect(await ask()).toEqual({ kind: 'absent', commit: SHA })
    for (const [status, code] of [
      [404, 'not-found'],
      [403, 'no-permission'],
      [422, 'rejected'],
      [502, 'server']
    ] as const) {
      nock(API).get(CONTENTS).query(true).reply(404, { message: 'Not Found' })
      nock(API).get(COMMIT).query(true).reply(status, { message: 'no' })
      const problem: unknown = await ask().catch(error => error)
      expect(problem).toBeInstanceOf(GitHubProblem)
      expect((problem as GitHubProblem).code).toBe(code)
    }
  })

  it('is not absent where GitHub has another commit than was named', async () => {
    nock(API).get(CONTENTS).query(true).reply(404, { message: 'Not Found' })
    nock(API)
      .get(COMMIT)
      .query(true)
      .reply(200, { sha: 'f'.repeat(40) })
    await expect(ask()).rejects.toMatchObject({ code: 'not-found' })
  })

  it('may be something else', async () => {
    nock(API).get(CONTENTS).query(true).reply(200, [])
    expect(await ask()).toMatchObject({ kind: 'other', what: 'a folder' })
    nock(API).get(CONTENTS).query(true).reply(200, { type: 'submodule' })
    expect(await ask()).toMatchObject({ kind: 'other', what: 'a submodule' })
    nock(API).get(CONTENTS).query(true).reply(200, { type: 'file', encoding: 'none', content: '' })
    expect(await ask()).toMatchObject({ kind: 'other', what: 'a file of more than 1 MB' })
  })
})
