/** What approvers read of a deployment: GitHub as it is imitated in test/github, ServiceNow as the sandbox. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type Github, type RepositoryHandle, startGithub } from '../../../test/github/github.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const DEPLOY = 'name: Deploy\non: push\njobs:\n  deploy: { environment: production }\n'
const ALL = {
  contents: 'read',
  deployments: 'read',
  pull_requests: 'read',
  checks: 'read',
  statuses: 'read'
} as const
const COMMIT = 'f00dfacef00dfacef00dfacef00dfacef00dface'

// The first test loads what talks to GitHub.
jest.setTimeout(30_000)

let github: Github
let shop: RepositoryHandle
beforeEach(async () => {
  github = await startGithub({ rateLimits: false })
  shop = github.repository('acme/shop', { private: true, files: { '.github/workflows/deploy.yml': DEPLOY } })
  shop.tag('v1').run('deploy.yml', { ref: 'v1' }).finish('deploy')
  shop.commit({ message: 'Add <b>pay</b> for @all', author: 'anna', files: { 'pay.ts': '1' }, sha: COMMIT })
})
afterEach(() => github.stop())

const create = ({ perform }: World, inputs: Record<string, string> = {}, env: Record<string, string> = {}) =>
  perform(definition, {
    inputs: {
      'short-description': 'Deploy the shop',
      'assignment-group': 'DevOps Team',
      environment: 'production',
      'github-token': github.token({ kind: 'job', repository: shop, permissions: ALL }),
      'change-brief': 'auto',
      ...inputs
    },
    env: { GITHUB_API_URL: github.url, GITHUB_SHA: COMMIT, ...env }
  })

const made = ({ sandbox }: World) => sandbox.rows('change_request')
/** Requests of the brief: the policy is looked for as well. */
const read = () => github.requests.filter(one => /graphql|compare/.test(one.operationId ?? ''))

describe('create-change', () => {
  it('writes what changed since the last deployment below the description', () =>
    inWorld({}, async world => {
      writeFileSync(join(world.workspace, 'unit.xml'), '<testsuite><testcase name="a"/></testsuite>')
      const step = await create(world, { attachments: '[unit.xml]' })
      expect([step.failure, step.warnings]).toEqual([undefined, []])
      const [change] = made(world)
      expect(change?.description).toMatch(/^Repository: acme\/shop\n[\s\S]*\n\nFor approvers, from GitHub:\n/)
      expect(change?.description).toContain(`compare/${shop.sha('v1')}...${COMMIT}`)
      expect(change?.description).toContain(
        `Version to go back to: commit ${shop.sha('v1').slice(0, 12)} (tag "v1")`
      )
      expect(change?.description).toContain('- f00dfacef00d by anna; title "Add ‹b›pay‹/b› for @\u200ball"')
      expect(change?.description).toMatch(/- "unit\.xml": JUnit: 1 test,/)
      expect(read()).toHaveLength(5)
    }))

  it('keeps the description given, also in a later attempt, which reads nothing', () =>
    inWorld({}, async world => {
      const given = { description: 'Mine', 'backout-plan': 'Restore the backup' }
      await create(world, given)
      const before = made(world)[0]?.description
      expect(before).toMatch(
        /^Mine\n\nFor approvers, from GitHub:\n[\s\S]*\nBackout: as in the backout plan\n/
      )
      const requests = read().length
      shop.check(COMMIT, 'late', 'failure')
      const again = await create(world, given, { GITHUB_RUN_ATTEMPT: '2' })
      expect(again.outputs.created).toBe('false')
      expect([again.failure, again.warnings]).toEqual([undefined, []])
      expect([made(world).length, made(world)[0]?.description, read().length]).toEqual([1, before, requests])
    }))

  it.each([
    ['where it is not wanted', { 'change-brief': 'off' }],
    ['without a token', { 'github-token': '' }]
  ])('reads nothing %s', (_, inputs) =>
    inWorld({}, async world => {
      // The policy is read all the same.
      const token = github.token({ kind: 'job', repository: shop, permissions: ALL })
      expect((await create(world, { ...inputs, 'policy-token': token })).failure).toBeUndefined()
      expect(made(world)[0]?.description).not.toContain('For approvers')
      expect(read()).toEqual([])
    })
  )

  it('is made all the same where GitHub cannot be read, and says why', () =>
    inWorld({}, async world => {
      const token = github.token({ kind: 'job', repository: shop, permissions: { contents: 'read' } })
      expect((await create(world, { 'github-token': token })).failure).toBeUndefined()
      expect(made(world)[0]?.description).toContain(
        'What changes since the last deployment is not known: the token needs deployments: read.'
      )
    }))

  it('writes a note where a template owns the description', () =>
    inWorld({}, async world => {
      const step = await create(world, {
        'standard-change-template': 'app-deployment-template',
        'assignment-group': ''
      })
      expect(step.failure).toBeUndefined()
      expect(made(world)[0]?.description).not.toContain('For approvers')
      const notes = world.notes(step.outputs['change-number'] ?? '')
      expect(notes.filter(one => one.startsWith('For approvers, from GitHub:\n'))).toHaveLength(1)
    }))
})
