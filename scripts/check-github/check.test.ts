/** The questions, asked of the GitHub of test/github; a stand-in for runners works while the script waits. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Github, type RepositoryHandle, startGithub } from '../../test/github/github.ts'
import type { GithubOptions } from '../../test/github/settings.ts'
import { checkGithub, clean, type World } from './check.ts'
import type { Settings } from './settings.ts'

let github: Github
afterEach(() => github.stop())

interface Stage {
  readonly lab: RepositoryHandle
  readonly settings: Settings
  readonly world: World
  readonly controller: AbortController
}

const PERSON = {
  actions: 'write',
  administration: 'write',
  contents: 'write',
  deployments: 'write',
  statuses: 'read'
} as const

async function stage(options: GithubOptions = {}): Promise<Stage> {
  github = await startGithub({ rateLimits: false, ...options })
  const lab = github.repository('acme/lab')
  const app = github.app('latch', { actions: 'write', deployments: 'write' })
  app.install('acme')
  const settings: Settings = {
    owner: 'acme',
    repo: 'lab',
    apiUrl: github.url,
    token: github.token({ kind: 'fine-grained', user: 'olivia', permissions: PERSON }),
    app: { id: app.clientId, privateKey: app.privateKey },
    webhook: 'inactive',
    clean: false
  }
  const controller = new AbortController()
  const jobToken = github.token({ kind: 'job', repository: lab, permissions: { actions: 'write' } })
  const world: World = {
    signal: controller.signal,
    stamp: 'abc',
    now: () => github.now(),
    sleep: () => work(lab, jobToken),
    tell: () => undefined
  }
  return { lab, settings, world, controller }
}

/** What runners do in the meantime: each queued job runs to its end; `busy` ends last. */
async function work(lab: RepositoryHandle, jobToken: string): Promise<void> {
  for (const run of lab.runs) {
    for (const job of run.jobs) {
      if (job.key === 'again' && job.status === 'queued') await again(lab, run.sha, jobToken)
      const others = run.jobs.filter(one => one.key !== 'busy')
      if (job.key === 'busy' && job.status === 'queued') run.start('busy')
      else if (job.key === 'busy' && job.status === 'in_progress') {
        const isLast = others.length === 3 && others.every(one => one.status === 'completed')
        if (isLast) run.finish('busy')
      } else if (job.status === 'queued') {
        const skips = job.key === 'look' && run.attempt === 1 ? ['deploy'] : []
        run.finish(job.key, 'success', { skips })
      }
    }
  }
}

/** The job that sends a request with its own token. */
async function again(lab: RepositoryHandle, sha: string, token: string): Promise<void> {
  const text =
    lab.record.commits.get(sha)?.files.get('.github/workflows/servicenow-check-abc-token.yml') ?? ''
  const [, job] = /actions\/jobs\/(\d+)\/rerun/.exec(text) ?? []
  const { status } = await fetch(`${github.url}/repos/acme/lab/actions/jobs/${job}/rerun`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'user-agent': 'curl' }
  })
  lab.status(sha, `servicenow-check: rerun ${status}, limit 1000`, 'success')
}

/** The second column, by the first. */
function answersOf(report: string): Record<string, string> {
  const rows = report.split('\n').filter(line => line.startsWith('| ') && !line.startsWith('| ---'))
  return Object.fromEntries(rows.slice(1).map(row => row.slice(2).split(' | ').slice(0, 2)))
}

/** Nothing of it is left. */
function expectClean({ lab }: Stage): void {
  expect([...lab.record.branches.keys()]).toEqual(['main'])
  expect([...lab.record.environments.keys()]).toEqual([])
  expect(lab.runs).toEqual([])
}

describe('scripts/check-github', () => {
  it('answers what this GitHub does, and removes what it made', async () => {
    const set = await stage()
    const { report, left, interrupted } = await checkGithub(set.settings, set.world)
    expect([left, interrupted]).toEqual([[], false])
    expect(report).toContain('All that was made has been removed.')
    expect(answersOf(report)).toEqual({
      'Can a job that succeeded be run again, and do its skipped dependents run then?':
        'yes (201); the dependent: success',
      'Can GITHUB_TOKEN with actions: write run a job of another run again?': 'yes (201)',
      'x-ratelimit-limit of GITHUB_TOKEN': '1000',
      'Does a rule ask whatever becomes of the webhook of the App?': 'yes: the job waits (webhook: inactive)',
      'The status of a run in which one job waits and another runs':
        'in_progress; not in the list of status=waiting',
      'A decision': '204',
      'A second decision': '422 (This deployment has been decided already.)',
      'A decision for an unknown environment': expect.stringMatching(/^422 /),
      'A decision on a completed run': expect.stringMatching(/^422 /),
      'Do two jobs at one environment need one decision?': 'one',
      'Does a later job of the run ask again?': 'waits again',
      'Are decisions of an App in the list of approvals?': 'yes',
      'Does a job that waits at an environment hold the slot of its concurrency group?':
        'no: another job of the group ran',
      'What does a token without deployments: write get, before GitHub looks for the run?':
        '403 (Resource not accessible by integration); right: deployments=write',
      'And a token that has it?': '404 (Not Found)',
      'Does an ETag hold for a fresh token of the installation?': 'no (200)',
      "Which claims may the App's JWT have?": expect.stringMatching(
        /^jti and aud: 200; iat two minutes ahead: /
      ),
      'Does GitHub say whether administrators may bypass the rules?': 'yes: can_admins_bypass is true'
    })
    expectClean(set)
  }, 60_000)

  it('answers the opposite of a GitHub that does the opposite', async () => {
    const set = await stage({
      undocumented: {
        secondDecision: 404,
        nothingWaiting: 404,
        unknownEnvironment: 404,
        statusWithWaitingJob: 'waiting',
        laterJobWaits: false,
        rulesInApprovals: false,
        jobTokenReruns: 'refused',
        etagPerToken: false
      }
    })
    const answers = answersOf((await checkGithub(set.settings, set.world)).report)
    expect(answers).toMatchObject({
      'The status of a run in which one job waits and another runs': 'waiting; in the list of status=waiting',
      'A second decision': expect.stringMatching(/^404 /),
      'A decision for an unknown environment': expect.stringMatching(/^404 /),
      'Does a later job of the run ask again?': 'goes on without a new decision',
      'Are decisions of an App in the list of approvals?': 'no',
      'Can GITHUB_TOKEN with actions: write run a job of another run again?': 'no (403)',
      'Does an ETag hold for a fresh token of the installation?': 'yes (304)'
    })
    expectClean(set)
  }, 60_000)

  it('a question that is refused does not keep the others from being answered', async () => {
    const set = await stage({ undocumented: { rerunSucceededJob: false } })
    github.fault({ kind: 'forbidden', operation: 'repos/create-deployment-protection-rule' })
    const answers = answersOf((await checkGithub(set.settings, set.world)).report)
    expect(answers['Protection rules']).toMatch(/^not answered: Enabling the rule .* refuses it with 403/)
    expect(answers['Can a job that succeeded be run again, and do its skipped dependents run then?']).toMatch(
      /^no: 403/
    )
    expect(answers['And a token that has it?']).toBe('404 (Not Found)')
    expectClean(set)
  }, 60_000)

  it('asks fewer questions without an App', async () => {
    const set = await stage()
    const answers = answersOf((await checkGithub({ ...set.settings, app: undefined }, set.world)).report)
    expect(answers['Protection rules, tokens and claims of an App']).toBe(
      'not asked: no GitHub App was given'
    )
    expectClean(set)
  }, 60_000)

  it.each([1, 4, 6, 20, 34, 60])(
    'interrupted while it waits for the %d. time, it leaves nothing',
    async nth => {
      const set = await stage()
      let waits = 0
      const sleep = async (ms: number) => {
        waits += 1
        if (waits === nth) set.controller.abort()
        await set.world.sleep(ms)
      }
      const { left } = await checkGithub(set.settings, { ...set.world, sleep })
      expect(left).toEqual([])
      expectClean(set)
    },
    60_000
  )

  it('says what it could not remove, and removes it the next time', async () => {
    const set = await stage()
    github.fault({ kind: 'forbidden', operation: 'repos/delete-an-environment' })
    github.fault({ kind: 'forbidden', operation: 'git/delete-ref' })
    const { report, left } = await checkGithub(set.settings, set.world)
    expect(left).toEqual([
      expect.stringMatching(/^branch servicenow-check-abc-rerun: 403/),
      expect.stringMatching(/^environment servicenow-check-abc-rule: 403/)
    ])
    expect(report).toContain('Could not be removed')
    expect(await clean(set.settings, set.world)).toEqual([])
    expectClean(set)
  }, 60_000)

  it('removes all that earlier runs left, also in a repository of many branches and environments', async () => {
    const set = await stage()
    const { lab } = set
    const sha = lab.record.branches.get('main') ?? ''
    for (let number = 1; number <= 120; number += 1) {
      // Sorted before and after the others, and more than a page of each.
      for (const name of [`feature-${number}`, `servicenow-check-old${number}`]) {
        lab.record.branches.set(name, sha)
        lab.environment(name)
      }
    }
    expect(await clean(set.settings, set.world)).toEqual([])
    expect([...lab.record.branches.keys()].filter(name => name !== 'main')).toHaveLength(120)
    expect([...lab.record.environments.keys()].filter(name => name.startsWith('servicenow-'))).toEqual([])
    expect(lab.record.environments.size).toBe(120)
  }, 60_000)

  it.each([
    ['repos/list-branches', 'Listing the branches'],
    ['repos/get-all-environments', 'Listing the environments']
  ])(
    'does not report success when %s is refused',
    async (operation, text) => {
      const set = await stage()
      github.fault({ kind: 'forbidden', operation })
      await expect(clean(set.settings, set.world)).rejects.toThrow(text)
    },
    60_000
  )

  it('never shows a token or the key', async () => {
    const set = await stage()
    const { report } = await checkGithub(set.settings, set.world)
    expect(report).not.toContain(set.settings.token)
    expect(report).not.toMatch(/ghs_|BEGIN/)
  }, 60_000)
})
