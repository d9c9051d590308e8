/** What a brief reads, of a GitHub that refuses what GitHub refuses. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { type Github, type RepositoryHandle, startGithub } from '../../../../test/github/github.ts'
import { createGitHub } from '../client.ts'
import type { Octokit } from '../octokit.ts'
import { problemOf } from '../testing/github.ts'
import { checkResults } from './check-results.ts'
import { codeOwnersFile } from './code-owners-file.ts'
import { comparedCommits } from './compared-commits.ts'
import { lastDeployment } from './last-deployment.ts'
import { pullsOfCommits } from './pull-requests.ts'

const PLACE = { owner: 'acme', repo: 'shop' }
const DEPLOY = 'name: Deploy\non: push\njobs:\n  deploy: { environment: production }\n'

// The first test loads what talks to GitHub.
jest.setTimeout(30_000)

let github: Github
let shop: RepositoryHandle
beforeAll(async () => {
  github = await startGithub({ rateLimits: false })
  shop = github.repository('acme/shop', { private: true, files: { '.github/workflows/deploy.yml': DEPLOY } })
})
afterAll(() => github.stop())

type Permissions = Readonly<Record<string, 'read'>>

const ALL: Permissions = {
  contents: 'read',
  deployments: 'read',
  pull_requests: 'read',
  checks: 'read',
  statuses: 'read'
}

function client(permissions: Permissions = ALL): Promise<Octokit> {
  return createGitHub({
    apiUrl: github.url,
    token: github.token({ kind: 'job', repository: shop, permissions })
  })
}

describe('the last successful deployment', () => {
  it('is the newest one that succeeded, with its tag and run', async () => {
    const octokit = await client()
    const ask = (environment: string) => lastDeployment(octokit, { ...PLACE, environment })
    expect(await ask('production')).toEqual({
      last: undefined,
      before: undefined,
      seen: 0,
      more: false
    })
    shop.tag('v1')
    const good = shop.run('deploy.yml', { ref: 'v1' }).finish('deploy')
    shop.run('deploy.yml').finish('deploy', 'failure')
    shop.run('deploy.yml').start('deploy')
    expect(await ask('production')).toMatchObject({
      last: { commit: shop.sha('v1'), tag: 'v1', runId: String(good.id), at: expect.any(Number) },
      seen: 3,
      more: false
    })
    expect((await ask('staging')).last).toBeUndefined()
    const later = shop.run('deploy.yml').finish('deploy')
    const again = await ask('production')
    expect(again.last).toMatchObject({ tag: undefined, runId: String(later.id) })
    expect(again.before).toBeUndefined()
    shop.commit({ message: 'Next' })
    shop.run('deploy.yml').finish('deploy')
    const next = shop.run('deploy.yml').finish('deploy')
    expect(await ask('production')).toMatchObject({
      last: { commit: shop.sha(), runId: String(next.id) },
      before: { commit: shop.sha('v1'), runId: String(later.id) }
    })
  })

  it('is refused to a token without the right', async () => {
    const octokit = await client({ contents: 'read' })
    const problem = await problemOf(lastDeployment(octokit, { ...PLACE, environment: 'production' }))
    expect(problem.code).toBe('no-permission')
  })
})

describe('what is in one commit and not in another', () => {
  it('are commits with their authors, and files', async () => {
    const base = shop.sha()
    shop.branch('feature')
    shop.commit({ branch: 'feature', author: 'anna', message: 'Add pay\n\nLong.', files: { 'pay.ts': '1' } })
    shop.commit({ branch: 'feature', author: 'dependabot[bot]', message: 'Bump x', files: { 'x.ts': '1' } })
    const labels = ['breaking-change']
    // A comment afterwards takes nothing back.
    const reviews = [
      { by: 'ben', state: 'APPROVED' },
      { by: 'carl', state: 'CHANGES_REQUESTED' },
      { by: 'eve', state: 'APPROVED' },
      { by: 'ben', state: 'COMMENTED' },
      { by: 'carl', state: 'COMMENTED' }
    ] as const
    shop.person('ben', 'write')
    shop.person('eve', 'read')
    shop.pull({ title: 'Add pay', author: 'anna', head: 'feature', labels, reviews, merge: true })
    const octokit = await client()
    const found = await comparedCommits(octokit, { ...PLACE, base, head: shop.sha() })
    expect(found).toMatchObject({
      ahead: 3,
      behind: 0,
      files: [{ path: 'pay.ts' }, { path: 'x.ts' }],
      filesCut: false
    })
    expect(found.commits).toMatchObject([
      { title: 'Add pay', author: 'anna', isBot: false, isMerge: false },
      { title: 'Bump x', author: 'dependabot[bot]', isBot: true },
      { title: 'Merge pull request #1 from acme/feature', isMerge: true }
    ])
    const pulls = await pullsOfCommits(octokit, {
      repository: 'acme/shop',
      commits: found.commits.map(one => one.nodeId)
    })
    expect(pulls).toEqual([
      {
        number: 1,
        title: 'Add pay',
        author: 'anna',
        isBot: false,
        labels: ['breaking-change'],
        approvedBy: ['ben'],
        approvedWithoutWrite: ['eve'],
        refusedBy: ['carl'],
        commits: found.commits.map(one => one.id)
      }
    ])
  })

  it('are one file for one that was moved, with the place where it was', async () => {
    const base = shop.commit({ files: { 'docs/old.md': 'A page.' } })
    const head = shop.commit({ files: { 'docs/old.md': null, 'pages/new.md': 'A page.', 'b.md': 'B' } })
    const { files } = await comparedCommits(await client(), { ...PLACE, base, head })
    expect(files).toEqual([
      { path: 'b.md', before: undefined },
      { path: 'pages/new.md', before: 'docs/old.md' }
    ])
  })

  it('are commits of nobody at GitHub, and pull requests of apps, which are told from people', async () => {
    const base = shop.sha()
    shop.branch('bump')
    shop.commit({ branch: 'bump', author: 'anna; approved by ben', message: 'Bump' })
    const reviews = [{ by: 'ben[bot]', state: 'APPROVED' }] as const
    shop.pull({ title: 'Bump', author: 'renovate[bot]', head: 'bump', reviews, merge: true })
    const octokit = await client()
    const { commits } = await comparedCommits(octokit, { ...PLACE, base, head: shop.sha() })
    expect(commits[0]).toMatchObject({ author: 'anna; approved by ben', hasAccount: false, isBot: false })
    const ids = commits.map(one => one.nodeId)
    expect(await pullsOfCommits(octokit, { repository: 'acme/shop', commits: ids })).toMatchObject([
      { author: 'renovate[bot]', isBot: true, approvedWithoutWrite: ['ben[bot]'] }
    ])
  })

  it('is refused without the rights, and for a commit that is not there', async () => {
    const octokit = await client({ deployments: 'read' })
    const base = shop.sha()
    expect((await problemOf(comparedCommits(octokit, { ...PLACE, base, head: base }))).code).toBe(
      'no-permission'
    )
    const commits = [Buffer.from(`Commit:${base}`).toString('base64url')]
    expect((await problemOf(pullsOfCommits(octokit, { repository: 'acme/shop', commits }))).code).toBe(
      'no-permission'
    )
    const missing = comparedCommits(await client(), { ...PLACE, base: 'f'.repeat(40), head: base })
    expect((await problemOf(missing)).code).toBe('not-found')
  })

  it('is at most 250 commits, whose pull requests are two requests', async () => {
    const base = shop.sha()
    for (let n = 0; n < 260; n += 1) shop.commit({ message: `Commit ${n}` })
    const octokit = await client()
    const { ahead, commits } = await comparedCommits(octokit, { ...PLACE, base, head: shop.sha() })
    expect([ahead, commits.length, commits.at(-1)?.title]).toEqual([260, 250, 'Commit 259'])
    const before = github.requests.length
    await pullsOfCommits(octokit, { repository: 'acme/shop', commits: commits.map(one => one.nodeId) })
    expect(github.requests.length - before).toBe(2)
  })
})

describe('checks of a commit', () => {
  it('are those of runs and statuses, by result, without the job that asks', async () => {
    const commit = shop.commit({ message: 'Checked' })
    shop.check(commit, 'unit', 'success').check(commit, 'e2e', 'timed_out').check(commit, 'docs', 'skipped')
    shop.status(commit, 'ci/scan', 'pending').status(commit, 'ci/build', 'error')
    shop.checks.push({
      ...(shop.checks.at(-1) as (typeof shop.checks)[number]),
      id: 1,
      name: 'deploy',
      status: 'in_progress',
      conclusion: null,
      detailsUrl: 'https://github.com/acme/shop/actions/runs/1001/job/5'
    })
    const octokit = await client()
    const ask = (runId: string) => checkResults(octokit, { ...PLACE, commit, runId })
    expect(await ask('1001')).toEqual({
      checks: [
        { name: 'unit', result: 'passed' },
        { name: 'e2e', result: 'failed' },
        { name: 'docs', result: 'skipped' },
        { name: 'ci/scan', result: 'pending' },
        { name: 'ci/build', result: 'failed' }
      ],
      total: 5
    })
    expect((await ask('100')).total).toBe(6)
    const none = shop.commit({ message: 'Not checked' })
    expect(await checkResults(octokit, { ...PLACE, commit: none, runId: '' })).toEqual({
      checks: [],
      total: 0
    })
    const refused = checkResults(await client({ contents: 'read' }), { ...PLACE, commit, runId: '' })
    expect((await problemOf(refused)).code).toBe('no-permission')
  })
})

describe('CODEOWNERS', () => {
  it('is read from the first of its places, where there is one', async () => {
    const octokit = await client()
    const ask = (commit: string) => codeOwnersFile(octokit, { ...PLACE, commit })
    expect(await ask(shop.sha())).toBeUndefined()
    expect(await ask(shop.commit({ files: { 'docs/CODEOWNERS': '* @a' } }))).toBe('* @a')
    expect(await ask(shop.commit({ files: { '.github/CODEOWNERS': '* @b' } }))).toBe('* @b')
    expect((await problemOf(ask('f'.repeat(40)))).code).toBe('not-found')
  })
})
