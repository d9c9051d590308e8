import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { describeError } from '../messages/describe-error.ts'
import { commitFiles, type Files } from '../testing/commit.ts'
import { type GitHubCommits, startCommits } from '../testing/github-commits.ts'
import { type Asked, applied, FILE } from '../testing/policy.ts'

const MADE_UP = '0123456789abcdef0123456789abcdef01234567'
const TOKEN = 'ghs_5ecret'
const FREE = 'unlisted: free\n'
const CONTROLLED = 'unlisted: controlled\n'

let workspace: string
let github: GitHubCommits
let commits: Record<string, Files>

beforeEach(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'policy-'))
  commits = {}
  github = await startCommits(
    (repository, commit) => commits[`${repository}@${commit}`],
    ref => (ref === 'v1' ? MADE_UP : ref)
  )
})
afterEach(async () => {
  await github.close()
  rmSync(workspace, { recursive: true })
})

const apply = (sha: string, { env, ...asked }: Asked = {}) =>
  applied(
    {},
    { workspace, sha },
    { environment: 'production', ...asked, env: { GITHUB_API_URL: github.url, ...env } }
  )

const kind = async (sha: string, asked: Asked = { token: TOKEN }) => (await apply(sha, asked)).kind

/** The words for what failed. */
async function failure(sha: string, asked: Asked = { token: TOKEN }): Promise<string> {
  const error: unknown = await apply(sha, asked).catch(reason => reason)
  const text = await describeError(error)
  return text === undefined ? `no problem: ${JSON.stringify(error)}` : [text.title, ...text.lines].join('\n')
}

function write(file: string, text: string): void {
  mkdirSync(join(workspace, dirname(file)), { recursive: true })
  writeFileSync(join(workspace, file), text)
}

describe('the policy of a commit', () => {
  it('is read from GitHub, by one request with the token', async () => {
    commits[`acme/shop@${MADE_UP}`] = { [FILE]: CONTROLLED }
    write(FILE, FREE)
    expect(await kind(MADE_UP)).toBe('controlled')
    expect(github.requests).toEqual([`/repos/acme/shop/contents/${FILE}?ref=${MADE_UP}`])
    expect([...github.tokens]).toEqual([TOKEN])
  })

  it('is absent where GitHub has the commit for the same token', async () => {
    commits[`acme/shop@${MADE_UP}`] = { '.github/servicenow-change.yaml': FREE }
    write(FILE, FREE)
    expect(await kind(MADE_UP)).toBe('none')
    expect(github.requests).toHaveLength(2)
  })

  it.each([401, 403, 404, 429, 500])('is read from git where GitHub has status %i', async status => {
    github.refuse(status)
    write(FILE, FREE)
    const sha = commitFiles(workspace, { [FILE]: CONTROLLED })
    // What is checked out now is another commit.
    commitFiles(workspace, { [FILE]: FREE })
    expect(await kind(sha)).toBe('controlled')
    expect(await kind(commitFiles(workspace, {}))).toBe('none')
  })

  it('is read from git where there is no token, and where TLS is not checked', async () => {
    commits[`acme/shop@${MADE_UP}`] = { [FILE]: FREE }
    const sha = commitFiles(workspace, { [FILE]: CONTROLLED })
    expect(await kind(sha, {})).toBe('controlled')
    expect(await kind(sha, { token: TOKEN, env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })).toBe('controlled')
    expect(github.requests).toEqual([])
  })

  it('that cannot be read fails the step: that is not the same as absent', async () => {
    commits[`acme/shop@${MADE_UP}`] = {}
    github.refuse(403)
    write(FILE, FREE)
    const text = await failure(MADE_UP)
    expect(text).toContain(
      `ServiceNow policy: not readable\nThe policy of commit ${MADE_UP} (acme/shop/${FILE}) could not be read`
    )
    expect(text).toMatch(/GitHub: no-permission \(403\), Refused\.\ngit: the workspace has no checkout\./)
    expect(text).toMatch(/Fix: give the job the permission contents: read/)
    expect(text).not.toContain(TOKEN)
    commitFiles(workspace, { [FILE]: FREE })
    expect(await failure(MADE_UP)).toMatch(/git: .*0123456789abcdef/)
    github.refuse(undefined)
    delete commits[`acme/shop@${MADE_UP}`]
    expect(await failure(MADE_UP)).toMatch(/GitHub: not-found \(404\)/)
    expect(await failure('')).toMatch(/the runner names no commit \(GITHUB_SHA\)/)
    expect(await failure('main')).toMatch(/the runner names no commit/)
  })

  it('is asked for again where git does not have it and the error is temporary', async () => {
    github.refuse(502)
    expect(await failure(MADE_UP)).toMatch(/GitHub: server \(502\)/)
    expect(github.requests).toHaveLength(4)
  })
})

describe('a central policy', () => {
  const CENTRAL = { token: TOKEN, file: 'acme/policies/change/deploy.yml@v1' }

  it('is that of the commit which the ref stands for', async () => {
    commits[`acme/policies@${MADE_UP}`] = { 'change/deploy.yml': FREE }
    write('change/deploy.yml', CONTROLLED)
    const found = await apply('f'.repeat(40), CENTRAL)
    expect(found).toMatchObject({
      kind: 'free',
      policy: { repository: 'acme/policies', path: 'change/deploy.yml', commit: MADE_UP }
    })
    expect(github.requests).toEqual([
      '/repos/acme/policies/commits/v1?',
      `/repos/acme/policies/contents/change/deploy.yml?ref=${MADE_UP}`
    ])
  })

  it('is one request where the ref is a commit', async () => {
    commits[`acme/policies@${MADE_UP}`] = { 'change/deploy.yml': FREE }
    const file = `acme/policies/change/deploy.yml@${MADE_UP.toUpperCase()}`
    expect(await kind('', { ...CENTRAL, file })).toBe('free')
    expect(github.requests).toHaveLength(1)
  })

  it('that is not there is an error, and so is one that cannot be read', async () => {
    commits[`acme/policies@${MADE_UP}`] = {}
    expect(await failure('', CENTRAL)).toMatch(
      /`policy-file` names change\/deploy\.yml, which is not in the commit 0123456789ab of acme\/policies/
    )
    commitFiles(workspace, { 'change/deploy.yml': FREE })
    delete commits[`acme/policies@${MADE_UP}`]
    const text = await failure('', CENTRAL)
    expect(text).toMatch(/policy of commit v1 \(acme\/policies\/change\/deploy\.yml\)/)
    expect(text).toMatch(/Fix: give `policy-token` a token with the permission contents: read/)
    expect(await failure('', { file: CENTRAL.file })).toMatch(/GitHub: there is no token/)
  })
})
