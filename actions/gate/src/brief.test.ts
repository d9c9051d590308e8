/** Work notes at start and end name the pages of the deployment at GitHub (test/github). */
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { type Github, type RepositoryHandle, startGithub } from '../../../test/github/github.ts'
import { inWorld } from '../../testing/perform.ts'
import { performPost } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

const DEPLOY = 'name: Deploy\non: push\njobs:\n  deploy: { environment: production }\n'
const COMMIT = 'f00dfacef00dfacef00dfacef00dfacef00dface'

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

function given(more: Record<string, string> = {}) {
  const permissions = { contents: 'read', deployments: 'read' } as const
  return {
    inputs: {
      environment: 'production',
      'assignment-group': 'DevOps Team',
      'poll-interval': '1',
      'github-token': github.token({ kind: 'job', repository: shop, permissions }),
      'change-brief': 'auto',
      ...more
    },
    env: { GITHUB_API_URL: github.url, GITHUB_SHA: COMMIT }
  }
}

const links = () =>
  `Deployments: https://github.com/acme/shop/deployments/production\nCompare: https://github.com/acme/shop/compare/${shop.sha('v1')}...${COMMIT}\n`

const graphql = () => github.requests.filter(one => one.operationId === 'graphql')

it('has them at start and end, and what approvers read in the description', () =>
  inWorld({}, async world => {
    const step = await world.perform(definition, given())
    expect(step.failure).toBeUndefined()
    expect(world.sandbox.rows('change_request')[0]?.description).toContain(
      '\nEnvironment: production\n\nFor approvers, from GitHub:\n'
    )
    expect((await performPost(world, step, 'success')).failure).toBeUndefined()
    const notes = world.notes(step.outputs['change-number'] ?? '')
    const [start, end] = ['started.', 'ended: success.'].map(word =>
      notes.find(text => text.startsWith(`Deployment to production ${word}`))
    )
    expect([start, end]).toEqual([expect.stringContaining(links()), expect.stringContaining(links())])
  }))

it('has them where the change was there before, for one request', () =>
  inWorld({}, async world => {
    await world.perform(definition, given({ timeout: '0', 'change-brief': 'off' }))
    const before = graphql().length
    const step = await world.perform(definition, given())
    expect(step.failure).toBeUndefined()
    const notes = world.notes(step.outputs['change-number'] ?? '')
    expect(notes.find(text => text.startsWith('Deployment to production started'))).toContain(links())
    expect(graphql().length - before).toBe(1)
  }))
