/** Work notes at start and end name the pages of the deployment at GitHub (test/github). */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type Github, type RepositoryHandle, startGithub } from '../../../test/github/github.ts'
import { definition as createChange } from '../../create-change/src/main.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const DEPLOY = 'name: Deploy\non: push\njobs:\n  deploy: { environment: production }\n'
const COMMIT = 'f00dfacef00dfacef00dfacef00dfacef00dface'
const PAGE = 'Deployments: https://github.com/acme/shop/deployments/production\n'

// The first test loads what talks to GitHub.
jest.setTimeout(30_000)

let github: Github
let shop: RepositoryHandle
beforeEach(async () => {
  github = await startGithub({ rateLimits: false })
  shop = github.repository('acme/shop', { private: true, files: { '.github/workflows/deploy.yml': DEPLOY } })
  shop.tag('v1').run('deploy.yml', { ref: 'v1' }).finish('deploy')
  shop.commit({ message: 'Add pay', sha: COMMIT })
})
afterEach(() => github.stop())

const both = () => `${PAGE}Compare: https://github.com/acme/shop/compare/${shop.sha('v1')}...${COMMIT}\n`

function given(
  inputs: Record<string, string>,
  permissions: Readonly<Record<string, 'read'>> = { contents: 'read', deployments: 'read' }
) {
  const token = github.token({ kind: 'job', repository: shop, permissions })
  return {
    inputs: { environment: 'production', 'github-token': token, 'change-brief': 'auto', ...inputs },
    env: { GITHUB_API_URL: github.url, GITHUB_SHA: COMMIT }
  }
}

/** A change that create-change made in this job, approved since. */
async function created(world: World, brief: 'auto' | 'off' = 'off') {
  const about = { 'short-description': 'Deploy', 'assignment-group': 'DevOps Team', 'change-brief': brief }
  const step = await world.perform(createChange, given(about))
  expect(step.failure).toBeUndefined()
  const number = step.outputs['change-number'] ?? ''
  await world.sandbox.waitFor(() => world.sandbox.change(number)?.approval === 'approved')
  const before = world.notes(number).length
  return { number, notes: () => world.notes(number).slice(before) }
}

const questions = () => github.requests.filter(one => one.operationId === 'graphql').length

describe('the work notes at start and end', () => {
  it("have GitHub's pages from the change's own text, and GitHub is not asked again", () =>
    inWorld({}, async world => {
      const { notes } = await created(world, 'auto')
      const before = questions()
      const start = await world.perform(definition, given({ state: 'implement' }))
      expect(start.failure).toBeUndefined()
      const end = await world.perform(
        definition,
        given({ state: 'by-job-status', 'own-job-status': 'success' })
      )
      expect(end.failure).toBeUndefined()
      expect(notes()).toEqual([
        expect.stringMatching(/^Deployment to production started\.\n/),
        expect.stringMatching(/^Deployment to production ended: success\.\n/)
      ])
      for (const note of notes()) {
        expect(note).toContain('\nRun: https://github.com/acme/shop/actions/runs/1001 (attempt 1)\n')
        expect(note).toContain(both())
      }
      expect(questions()).toBe(before)
      expect(end.summary).toContain(`[compare](https://github.com/acme/shop/compare/${shop.sha('v1')}`)
    }))

  it('ask for them once, where the change does not name them', () =>
    inWorld({}, async world => {
      const { notes } = await created(world)
      await world.perform(definition, given({ state: 'implement' }))
      expect(questions()).toBe(1)
      // In the meantime GitHub would compare with what was deployed just now.
      shop.run('deploy.yml', {}).finish('deploy')
      await world.perform(definition, given({ state: 'closed', 'close-code': 'successful' }))
      expect(questions()).toBe(1)
      expect(notes()).toEqual([expect.stringContaining(both()), expect.stringContaining(both())])
    }))

  it.each<[string, Record<string, string>, Readonly<Record<string, 'read'>> | undefined]>([
    ['the token may not read deployments', {}, { contents: 'read' }],
    ['nothing is to be read', { 'change-brief': 'off' }, undefined]
  ])('have the page of the deployments alone where %s', (_, more, permissions) =>
    inWorld({}, async world => {
      const { notes } = await created(world)
      const step = await world.perform(definition, given({ state: 'implement', ...more }, permissions))
      expect([step.failure, step.warnings]).toEqual([undefined, []])
      expect(notes()).toEqual([expect.stringContaining(PAGE)])
      expect(notes()[0]).not.toContain('Compare')
    })
  )

  it('are not written where lifecycle-notes is false', () =>
    inWorld({}, async world => {
      const { notes } = await created(world)
      const off = { 'lifecycle-notes': 'false' }
      await world.perform(definition, given({ state: 'implement', ...off }))
      await world.perform(definition, given({ state: 'review', ...off }))
      expect(notes()).toEqual([expect.stringMatching(/^Claimed by run 1001\.\n/)])
      expect(questions()).toBe(0)
    }))

  it('stand below the note that is given, which is written once', () =>
    inWorld({}, async world => {
      const { notes } = await created(world)
      await world.perform(definition, given({ state: 'implement' }))
      const last = given({ state: 'review', 'work-notes': 'All well' })
      await world.perform(definition, last)
      await world.perform(definition, { ...last, env: { ...last.env, GITHUB_RUN_ATTEMPT: '2' } })
      expect(notes().slice(1)).toEqual([
        expect.stringMatching(/^All well\nDeployment to production ended\.\n[\s\S]*\nCompare: /)
      ])
    }))
})
