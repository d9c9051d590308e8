/** The brief of a deployment, of a GitHub that refuses what GitHub refuses. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type Github, type RepositoryHandle, startGithub } from '../../../../test/github/github.ts'
import type { EvidenceWithReport } from '../files/evidence-files.ts'
import { readRuntime } from '../step/runtime.ts'
import { type BriefQuestion, type BriefStep, readBrief, readLinks } from './read-brief.ts'

const DEPLOY = 'name: Deploy\non: push\njobs:\n  deploy: { environment: production }\n'
const ALL = {
  contents: 'read',
  deployments: 'read',
  pull_requests: 'read',
  checks: 'read',
  statuses: 'read'
} as const

// The first test loads what talks to GitHub.
jest.setTimeout(30_000)

let github: Github
let shop: RepositoryHandle
let deployed: string
let told: string[]
beforeEach(async () => {
  told = []
  github = await startGithub({ rateLimits: false })
  shop = github.repository('acme/shop', {
    private: true,
    files: { '.github/workflows/deploy.yml': DEPLOY, CODEOWNERS: '*.ts @acme/pay' }
  })
  shop.person('ben', 'write')
  deployed = shop.sha()
  shop.run('deploy.yml').finish('deploy')
})
afterEach(() => github.stop())

/** A pull request with some commits, merged. */
function merge(title: string, commits = 1, author = 'anna'): void {
  const head = `branch-${shop.record.pulls.length}`
  shop.branch(head)
  for (let n = 0; n < commits; n += 1)
    shop.commit({ branch: head, author, message: `${title}, part ${n}`, files: { [`${head}.ts`]: `${n}` } })
  shop.pull({ title, author, head, reviews: [{ by: 'ben', state: 'APPROVED' }], merge: true })
}

function stepOf(permissions: Readonly<Record<string, 'read'>> = ALL, url = github.url): BriefStep {
  const token = github.token({ kind: 'job', repository: shop, permissions })
  const env = {
    GITHUB_API_URL: url,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_RUN_ID: '1001',
    GITHUB_SHA: shop.sha()
  }
  const tell = (text: string) => void told.push(text)
  return {
    inputs: { githubToken: token },
    env,
    runtime: readRuntime(env),
    signal: new AbortController().signal,
    log: { info: tell, debug: () => undefined, notice: tell, warning: tell, error: tell },
    sleep: async () => undefined,
    now: () => Date.now()
  }
}

/** Of a machine that is busy with other tests. */
const LIMIT_MS = 25_000

const QUESTION = { environment: 'production', evidence: [], hasBackoutPlan: false }

const linesOf = async (step = stepOf(), more: Partial<BriefQuestion> = {}) =>
  (await readBrief(step, { ...QUESTION, ...more }, LIMIT_MS)).brief.lines

describe('the brief', () => {
  it('says what came since the last successful deployment', async () => {
    merge('Add pay', 2)
    shop.check(shop.sha(), 'unit', 'success')
    const evidence = [
      { name: 'unit.xml', report: async () => ({ text: '3 tests' }) },
      { name: 'broken.xml', report: () => Promise.reject(new Error('no')) }
    ] as unknown as readonly EvidenceWithReport[]
    const { brief, links } = await readBrief(stepOf(), { ...QUESTION, evidence }, LIMIT_MS)
    expect(brief.lines).toEqual([
      'For approvers, from GitHub:',
      expect.stringMatching(/^Deployed to "production" now: commit \w{12}, since .* UTC, by https:/),
      `Compare: https://github.com/acme/shop/compare/${deployed}...${shop.sha()}`,
      'Commits: 3 (1 merge); authors: anna 2',
      'Files: 1 changed',
      'Code owners of the files: acme/pay (1 file)',
      expect.stringMatching(/^Checks of \w{12}: 1 passed$/),
      `Version to go back to: commit ${deployed.slice(0, 12)}`,
      expect.stringMatching(/^Backout: deploy that version again, as https:.* did$/),
      'Evidence that is attached: 2 files',
      '- "unit.xml": 3 tests',
      '- "broken.xml"',
      'Pull requests: 1',
      '- #1 by anna; approved by ben; title "Add pay"'
    ])
    expect(links).toEqual([
      ['Deployments', 'https://github.com/acme/shop/deployments/production'],
      ['Compare', `https://github.com/acme/shop/compare/${deployed}...${shop.sha()}`]
    ])
    expect(told).toEqual([])
  })

  it('takes six requests at most, and five for up to 125 commits', async () => {
    merge('Small', 2)
    await linesOf()
    const small = github.requests.length
    for (let n = 0; n < 12; n += 1) merge(`Large ${n}`, 19)
    const lines = await linesOf()
    expect([small, github.requests.length - small]).toEqual([5, 6])
    expect(lines).toContain('Pull requests: 13')
  })

  it('has counts and the comparison of more than 250 commits', async () => {
    merge('Huge', 260)
    const lines = await linesOf()
    expect(lines).toContain('Commits: 261 (too many to list: see the comparison)')
    expect(lines.join('\n')).not.toContain('Pull requests')
    expect(github.requests).toHaveLength(4)
  })

  it.each([
    [
      'deployments',
      'What changes since the last deployment is not known: the token needs deployments: read.'
    ],
    ['contents', 'Commits and files: not known, the token needs contents: read'],
    ['pull_requests', 'Pull requests: not known, the token needs pull-requests: read'],
    ['checks', 'not known, the token needs checks: read, statuses: read and contents: read']
  ])('says in the lines concerned that %s may not be read', async (right, line) => {
    merge('Add pay')
    const { [right as keyof typeof ALL]: _, ...rest } = ALL
    const { statuses: __, ...without } = rest as Readonly<Record<string, 'read'>>
    const text = await linesOf(stepOf(right === 'checks' ? without : rest))
    const missing = text.filter(one => one.includes('the token needs'))
    expect(missing[0]).toContain(line)
    // A commit is part of the contents, and its checks are read with it; without deployments nothing is known of a way back.
    expect(missing).toHaveLength(right === 'contents' || right === 'deployments' ? 2 : 1)
    const none = 'Version to go back to: not known, the token needs deployments: read'
    expect(text.filter(one => one.startsWith('Version to go back to: not known'))).toEqual(
      right === 'deployments' ? [none] : []
    )
    expect(told[0]).toMatch(/^Not read for approvers: [a-z ]+; the token needs /)
  })

  it('says so where the workflow names no environment, and has the checks all the same', async () => {
    const lines = await linesOf(stepOf(), { environment: undefined })
    expect(lines[1]).toBe(
      'What changes since the last deployment is not known: the workflow names no environment.'
    )
    expect(lines[2]).toMatch(/^Checks of \w{12}: none$/)
  })

  it('waits for GitHub no longer than its limit', async () => {
    merge('Add pay')
    const held = github.fault({ kind: 'held', operation: 'graphql', times: 9 })
    const { brief } = await readBrief(stepOf(), QUESTION, 100)
    held.release()
    expect(brief.lines[1]).toBe(
      'What changes since the last deployment is not known: GitHub did not respond in time.'
    )
  })

  it('survives a GitHub that cannot be reached', async () => {
    const lines = await linesOf(stepOf(ALL, 'http://127.0.0.1:9'))
    expect(lines[1]).toMatch(/^What changes since the last deployment is not known: GitHub: network/)
    expect(await readLinks(stepOf(ALL, 'http://127.0.0.1:9'), 'production')).toEqual([
      ['Deployments', 'https://github.com/acme/shop/deployments/production']
    ])
  })

  it('makes nothing but text of what people wrote at GitHub', async () => {
    const evil =
      '<img src=x>@all [gha2 claim 9 1 1 0123456789abcdef.01234567] ::error::x \u202e[code]<b>[/code]'
    merge(evil)
    shop.commit({ message: `${evil}\n\nbody`, author: 'carl' })
    shop.check(shop.sha(), evil, 'failure')
    const text = (await linesOf()).join('\n')
    expect(text).toContain('‹img src=x›')
    expect(text).not.toMatch(/[<[\u202e]|::|@all/)
  })
})

it('reads the pages alone in one request', async () => {
  merge('Add pay')
  const links = await readLinks(stepOf(), 'production')
  expect(links.map(([name]) => name)).toEqual(['Deployments', 'Compare'])
  expect(github.requests).toHaveLength(1)
  expect(await readLinks(stepOf(), 'nowhere')).toEqual([])
})
