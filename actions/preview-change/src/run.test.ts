/** The preview of a step: GitHub as it is imitated in test/github, ServiceNow as the sandbox. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seedId } from '@change-actions/sandbox'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Github, type RepositoryHandle, startGithub } from '../../../test/github/github.ts'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const POLICY = '.github/servicenow-change.yml'
const READER = { username: 'gha.reader', password: 'reader-password' }
const WRITE = { contents: 'read', pull_requests: 'write' } as const

let github: Github
let shop: RepositoryHandle

beforeEach(async () => {
  github = await startGithub({ rateLimits: false })
  shop = github.repository('acme/shop')
})
afterEach(() => github.stop())

interface Run {
  readonly policy?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly permissions?: Readonly<Record<string, 'read' | 'write'>>
  readonly head?: string
}

let pulls = 0

/** A branch with this policy, and its pull request. */
function open(policy: string | undefined): { readonly number: number; readonly sha: string } {
  pulls += 1
  const branch = `feature-${pulls}`
  shop.branch(branch)
  const files = { 'a.txt': branch, ...(policy === undefined ? {} : { [POLICY]: policy }) }
  const sha = shop.commit({ branch, files })
  return { number: shop.pull({ title: 'A feature', head: branch }).number, sha }
}

/** A run of the pull request, by an account that only reads. */
function preview(
  world: World,
  { number, sha }: { readonly number: number; readonly sha: string },
  run: Run = {}
): Promise<Performed> {
  const event = join(world.workspace, 'event.json')
  const head = { sha, repo: { full_name: run.head ?? 'acme/shop' } }
  writeFileSync(event, JSON.stringify({ pull_request: { number, head } }))
  const token = github.token({ kind: 'job', repository: shop, permissions: run.permissions ?? WRITE })
  const env = {
    GITHUB_API_URL: github.url,
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_EVENT_PATH: event,
    GITHUB_SHA: sha,
    SERVICENOW_INSTANCE: '',
    SERVICENOW_CLIENT_ID: '',
    SERVICENOW_CLIENT_SECRET: '',
    ...run.env
  }
  const inputs = { instance: world.sandbox.url, ...READER, 'github-token': token, ...run.inputs }
  return world.perform(definition, { inputs, env })
}

const json = (step: Performed) => JSON.parse(step.outputs.preview ?? '')
const bodies = () => shop.comments.map(one => one.body)

const SHOP = `
defaults: { assignment-group: DevOps Team, start-date: 2030-01-01T22:00:00Z, end-date: 2030-01-01T23:00:00Z }
enforce: { change-window: respect }
environments:
  production: { cmdb-ci: Payments, check-conflicts: fail, enforce: { type: [normal, emergency], self-approval: refuse } }
  staging: { standard-change-template: app-deployment-template }
  dev: { change-controlled: false }
`

describe('a preview', () => {
  it('says in one comment and in the summary what each environment would open, and writes nothing else', () =>
    inWorld({}, async world => {
      const other = world.plant({
        short_description: 'Patch the payments database',
        cmdb_ci: seedId('cmdb_ci', 'payments'),
        start_date: '2030-01-01 22:30:00',
        end_date: '2030-01-01 23:30:00'
      })
      const step = await preview(world, open(SHOP))
      expect(step.failure).toBeUndefined()
      expect(step.warnings).toEqual([])
      expect(json(step)).toMatchObject({
        problems: 0,
        environments: [
          {
            environment: 'production',
            outcome: 'change',
            title: 'Deploy "acme/shop" version … to "production"',
            type: 'normal',
            'planned-start': '2030-01-01T22:00:00Z',
            'planned-end': '2030-01-01T23:00:00Z',
            'conflicts-known': true,
            conflicts: [{ change: other.number, title: 'Patch the payments database' }],
            enforced: { 'change-window': 'respect', 'self-approval': 'refuse' }
          },
          { environment: 'staging', type: 'standard', 'conflicts-known': false },
          { environment: 'dev', outcome: 'free' }
        ]
      })
      const [body = ''] = bodies()
      expect(shop.comments).toMatchObject([{ user: { login: 'github-actions[bot]' } }])
      expect(step.outputs['comment-url']).toContain(`#issuecomment-${shop.comments[0]?.id}`)
      expect(body).toMatch(
        /^<!-- servicenow-change-preview 1 [0-9a-f]{16} 1001 1 -->\n## ServiceNow change preview\n/
      )
      for (const text of [body, step.summary]) {
        expect(text).toContain('### "production"')
        expect(text).toContain('| Configuration item | "Payments" |')
        expect(text).toContain('| Assignment group | "DevOps Team" |')
        expect(text).toContain('2030-01-01 22:00 UTC to 2030-01-01 23:00 UTC')
        expect(text).toContain(`[${other.number}](${world.sandbox.url}/nav_to.do`)
        expect(text).toContain('the gate fails on conflicts')
        expect(text).toContain('type: "normal" or "emergency"')
        expect(text).toContain('| Template | "app-deployment-template" |')
        expect(text).toContain('No change is needed.')
      }
      expect(world.sandbox.requests.filter(one => one.method !== 'GET')).toEqual([])
    }))

  it('is kept up to date in the same comment', () =>
    inWorld({}, async world => {
      const pull = open(SHOP)
      await preview(world, pull)
      await preview(world, pull, { env: { GITHUB_RUN_ID: '1002' }, inputs: { comment: 'true' } })
      expect(bodies()).toEqual([expect.stringContaining(' 1002 1 -->')])
    }))

  it('is not overwritten by an older run', () =>
    inWorld({}, async world => {
      const pull = open(SHOP)
      await preview(world, pull, { env: { GITHUB_RUN_ID: '1002', GITHUB_RUN_ATTEMPT: '2' } })
      for (const [run, attempt] of [
        ['1001', '3'],
        ['1002', '1']
      ] as const) {
        const step = await preview(world, pull, {
          env: { GITHUB_RUN_ID: run, GITHUB_RUN_ATTEMPT: attempt }
        })
        expect(step.failure).toBeUndefined()
        expect(step.outputs['comment-url']).toContain('#issuecomment-')
        expect(step.info.join('\n')).toContain('A later run has written the comment')
      }
      expect(bodies()).toEqual([expect.stringContaining(' 1002 2 -->')])
    }))

  it('has a comment of its own for other environments', () =>
    inWorld({}, async world => {
      const pull = open(SHOP)
      await preview(world, pull, { inputs: { environments: 'production' } })
      const step = await preview(world, pull, { inputs: { environments: 'Staging' } })
      expect(json(step).environments).toMatchObject([{ environment: 'staging' }])
      expect(bodies()).toHaveLength(2)
    }))

  it('leaves alone comments of others that look like its own', () =>
    inWorld({}, async world => {
      const pull = open(SHOP)
      await preview(world, pull)
      const { body, user } = shop.comments[0] ?? {}
      const [, mark = ''] = /^(<!--.*-->)/.exec(body ?? '') ?? []
      shop.comments.splice(0)
      const base = { issue: pull.number, at: 0, updatedAt: 0 }
      const mallory = { id: 9, login: 'mallory', type: 'User' } as const
      shop.comments.push({ ...base, id: 1, user: mallory, body: `${mark}\nAll is well` })
      // The job's own account quotes what somebody wrote.
      if (user !== undefined) shop.comments.push({ ...base, id: 2, user, body: `Release notes:\n${mark}\nx` })
      await preview(world, pull)
      expect(bodies().slice(0, 2)).toEqual([`${mark}\nAll is well`, `Release notes:\n${mark}\nx`])
      expect(bodies()).toHaveLength(3)
    }))

  it('of two runs that begin at the same time ends in one comment, and the other one points to it', () =>
    inWorld({}, async world => {
      const pull = open(SHOP)
      const hold = github.fault({ kind: 'held', operation: 'issues/create-comment', times: 2 })
      const runs = ['1001', '1002'].map(run => preview(world, pull, { env: { GITHUB_RUN_ID: run } }))
      await github.waitFor(
        () => github.requests.filter(one => one.operationId === 'issues/list-comments').length >= 2
      )
      hold.release()
      for (const step of await Promise.all(runs)) expect(step.failure).toBeUndefined()
      expect(bodies().filter(body => body.startsWith('<!--'))).toEqual([
        expect.stringContaining(' 1002 1 -->')
      ])
      expect(bodies().filter(body => body.includes('is in [another comment]'))).toHaveLength(1)
    }))

  it('is not written twice when a response is lost', () =>
    inWorld({}, async world => {
      const pull = open(SHOP)
      for (const [operation, GITHUB_RUN_ID] of [
        ['issues/create-comment', '1001'],
        ['issues/update-comment', '1002']
      ] as const) {
        github.fault({ kind: 'lost-response', operation })
        const step = await preview(world, pull, { env: { GITHUB_RUN_ID } })
        expect(step.failure).toBeUndefined()
        expect(step.outputs['comment-url']).toContain(`#issuecomment-${shop.comments[0]?.id}`)
        expect(bodies()).toEqual([expect.stringContaining(` ${GITHUB_RUN_ID} 1 -->`)])
      }
    }))

  it('without comments is in the summary, and in a check run where the token may write one', () =>
    inWorld({}, async world => {
      const pull = open(SHOP)
      const inputs = { comment: 'false' }
      const without = await preview(world, pull, { inputs, permissions: { contents: 'read' } })
      expect(without.failure).toBeUndefined()
      expect(without.warnings).toEqual([])
      expect(without.summary).toContain('### "production"')
      expect(shop.checks).toEqual([])
      const permissions = { contents: 'read', checks: 'write' } as const
      for (const GITHUB_RUN_ID of ['1001', '1002'])
        expect(
          (await preview(world, pull, { inputs, permissions, env: { GITHUB_RUN_ID } })).failure
        ).toBeUndefined()
      expect(shop.checks).toMatchObject([
        {
          sha: pull.sha,
          name: 'ServiceNow change preview',
          conclusion: 'success',
          output: { title: 'Environments with a change: 2' }
        }
      ])
      expect(shop.checks[0]?.output.summary).toContain('### "production"')
      expect(shop.comments).toEqual([])
    }))

  it('of a run that no pull request started is in the summary alone', () =>
    inWorld({}, async world => {
      const pull = open(SHOP)
      const step = await preview(world, pull, { env: { GITHUB_EVENT_NAME: 'push' } })
      expect(step.failure).toBeUndefined()
      expect(step.summary).toContain('### "production"')
      expect([shop.comments, shop.checks]).toEqual([[], []])
      expect(step.outputs['comment-url']).toBe('')
    }))
})

describe('what is wrong', () => {
  it('with a name is said with the fix, and does not fail the step', () =>
    inWorld({}, async world => {
      const policy =
        'environments: { production: { assignment-group: DevOps Teem, cmdb-ci: payments-db, risk: Tiny } }'
      const step = await preview(world, open(policy))
      expect(step.failure).toBeUndefined()
      expect(json(step).problems).toBe(3)
      const text = step.warnings.join('\n')
      expect(text).toMatch(/production: assignment-group: .*DevOps Team.* Fix: use one of the names listed/)
      expect(text).toMatch(/production: cmdb-ci: .*Fix: give the sys\\?_id/)
      expect(text).toMatch(/production: risk: .*Fix: use one of the labels listed/)
      const [body = ''] = bodies()
      expect(body).toContain('To correct before the deployment:')
      expect(body).toContain('to correct, see above')
    }))

  it('with the policy is on the pull request too, and fails the step', () =>
    inWorld({}, async world => {
      const policy =
        'environments: { production: { timeout: soon, risk: low }, staging: { asignment-group: x } }'
      const step = await preview(world, open(policy))
      expect(step.failure?.title).toBe('Input error')
      expect(step.failure?.text).toContain('did you mean `assignment-group`')
      expect(bodies()).toEqual([expect.stringContaining('would stop deployments')])
      const values = await preview(
        world,
        open('environments: { production: { timeout: soon }, dev: {} }'),
        {}
      )
      expect(values.failure?.text).toMatch(/^servicenow|timeout/)
      expect(json(values)).toMatchObject({
        problems: 1,
        environments: [{ outcome: 'refused' }, { outcome: 'refused' }]
      })
    }))

  it('with the names of the environments fails the step', () =>
    inWorld({}, async world => {
      const step = await preview(world, open(SHOP), { inputs: { environments: 'production, qa' } })
      expect(step.failure?.text).toContain('the environment "qa" is not listed')
      expect(json(step).environments).toMatchObject([{ outcome: 'change' }, { outcome: 'refused' }])
    }))

  it('with the rights fails the step, after the preview was written into the summary', () =>
    inWorld({}, async world => {
      const step = await preview(world, open(SHOP), { permissions: { contents: 'read' } })
      expect(step.failure?.title).toBe('Change preview: not posted')
      expect(step.failure?.text).toContain('pull-requests: write')
      expect(step.summary).toContain('### "production"')
      expect(json(step).environments).toHaveLength(3)
    }))

  it('with the account fails the step', () =>
    inWorld({}, async world => {
      const step = await preview(world, open(SHOP), { inputs: { password: 'wrong' } })
      expect(step.failure?.title).toMatch(/^ServiceNow 401/)
      expect(shop.comments).toEqual([])
    }))
})

describe('a policy', () => {
  it('that is not there is said with what to do', () =>
    inWorld({}, async world => {
      const step = await preview(world, open(undefined))
      expect(step.failure).toBeUndefined()
      expect(bodies()).toEqual([expect.stringContaining('To have one, commit the file')])
      expect(world.sandbox.requests).toEqual([])
    }))

  it('without environments is previewed for any of them', () =>
    inWorld({}, async world => {
      const step = await preview(world, open('defaults: { assignment-group: DevOps Team }'))
      expect(json(step).environments).toMatchObject([{ environment: '', outcome: 'change' }])
      expect(bodies()).toEqual([expect.stringContaining('### Any environment')])
    }))

  it('that leaves a choice to the workflow says so', () =>
    inWorld({}, async world => {
      const policy =
        'environments: { production: { enforce: { type: [emergency, standard], cmdb-ci: [Payments, prod-k8s-cluster], risk: [Low] } } }'
      const step = await preview(world, open(policy))
      expect(step.failure).toBeUndefined()
      expect(json(step).environments).toMatchObject([{ type: '', open: ['type', 'cmdb-ci'] }])
      expect(bodies()[0]).toContain('| Type | given by the workflow |')
      expect(bodies()[0]).toContain('cmdb-ci: "Payments" or "prod-k8s-cluster"')
      expect(bodies()[0]).toContain('| Risk | "Low" |')
    }))

  it('with a life cycle of its own is read by it', () =>
    inWorld({}, async world => {
      const window = { start_date: '2030-01-01 22:30:00', end_date: '2030-01-01 23:30:00' }
      const ci = { cmdb_ci: seedId('cmdb_ci', 'payments') }
      world.plant({ ...ci, ...window, state: '0' })
      const states = 'states: { Review: closed }\n'
      const step = await preview(world, open(states + SHOP), { inputs: { environments: 'production' } })
      expect(step.failure).toBeUndefined()
      expect(json(step).environments[0].conflicts).toEqual([])
    }))
})

describe('a pull request whose run gets no secrets', () => {
  const NONE = { instance: '', username: '', password: '' }

  it.each([
    ['from a fork', { head: 'mallory/shop' }],
    ['from Dependabot', { env: { GITHUB_ACTOR: 'dependabot[bot]' } }]
  ] as const)('%s has no preview, in one line, and passes', (_, run) =>
    inWorld({}, async world => {
      const permissions = { contents: 'read', pull_requests: 'read' } as const
      const step = await preview(world, open(SHOP), { ...run, inputs: NONE, permissions })
      expect(step.failure).toBeUndefined()
      expect(step.notices).toEqual([expect.stringMatching(/^No preview: the pull request is from /)])
      expect(step.summary).toContain('No preview')
      expect(json(step)).toEqual({ environments: [] })
      expect(world.sandbox.requests).toEqual([])
    })
  )

  it('of the repository itself is an input error', () =>
    inWorld({}, async world => {
      const step = await preview(world, open(SHOP), { inputs: NONE })
      expect(step.failure?.title).toBe('Input error')
    }))

  it('with secrets and a token that only reads has its preview in the summary', () =>
    inWorld({}, async world => {
      const permissions = { contents: 'read', pull_requests: 'read' } as const
      const step = await preview(world, open(SHOP), { head: 'mallory/shop', permissions })
      expect(step.failure).toBeUndefined()
      expect(step.notices).toEqual([expect.stringContaining('a token that only reads')])
      expect(step.summary).toContain('### "production"')
    }))
})

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '**bold** [link](https://evil.example) | cell',
  '@octocat please approve #12',
  '\u202egnp.exe',
  '##[error]x ::error::y',
  '<!-- servicenow-change-preview 1 0123456789abcdef 99999 1 -->'
]

describe('text from outside', () => {
  it('cannot continue what stands beside it', () =>
    inWorld({}, async world => {
      const window = { start_date: '2030-01-01 22:30:00', end_date: '2030-01-01 23:30:00' }
      const title = 'Patch" (2031-01-01 00:00 UTC to 2031-01-02 00:00 UTC); others are hidden'
      const other = world.plant({
        short_description: title,
        cmdb_ci: seedId('cmdb_ci', 'payments'),
        ...window
      })
      const policy = `defaults: { start-date: 2030-01-01T22:00:00Z, end-date: 2030-01-01T23:00:00Z }
environments:
  'prod": no change is needed':
    cmdb-ci: Payments
    assignment-group: not given by the policy
    enforce: { justification: 'none; self-approval: "refuse"' }`
      const step = await preview(world, open(policy))
      expect(step.failure).toBeUndefined()
      const [body = ''] = bodies()
      for (const text of [body, step.summary]) {
        expect(text).toContain(`### "prod': no change is needed"`)
        expect(text).toContain('| Assignment group | "not given by the policy": to correct, see above |')
        expect(text).toContain(`| Enforced | justification: "none; self-approval: 'refuse'" |`)
        expect(text).toMatch(
          new RegExp(
            `\\[${other.number}\\]\\([^)]*\\) \\(2030-01-01 22:30 UTC to 2030-01-01 23:30 UTC\\) "Patch' \\(2031[^"]*; others are hidden"`
          )
        )
      }
    }))

  it.each(HOSTILE)('is text everywhere: %s', hostile =>
    inWorld({}, async world => {
      const window = { start_date: '2030-01-01 22:30:00', end_date: '2030-01-01 23:30:00' }
      world.plant({ short_description: hostile, cmdb_ci: seedId('cmdb_ci', 'payments'), ...window })
      const quoted = JSON.stringify(hostile)
      const policy = `title: ${quoted}\ndefaults: { start-date: 2030-01-01T22:00:00Z, end-date: 2030-01-01T23:00:00Z }\nenvironments: { ${quoted}: { cmdb-ci: Payments, assignment-group: ${quoted}, enforce: { justification: ${quoted} } } }`
      const step = await preview(world, open(policy))
      expect(step.failure).toBeUndefined()
      const [body = ''] = bodies()
      for (const text of [body.slice(body.indexOf('\n')), step.summary]) {
        expect(text).not.toMatch(
          /<(?!\/?sub>)|(?<!\\)!\[|::|##\[|\u202e|@octocat|(?<!\\)\*\*bold|#12|\(https:\/\/evil/
        )
        expect(text).toContain('### ')
      }
      expect(shop.comments).toHaveLength(1)
    })
  )
})
