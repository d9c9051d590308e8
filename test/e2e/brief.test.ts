/** What approvers read of a deployment, written by the bundles: GitHub is the one of test/github. */
import { expect } from '@jest/globals'
import { type Github, type RepositoryHandle, startGithub } from '../github/github.ts'
import { DEPLOYMENT, onBothApis, scenario, type World } from './harness.ts'
import { SHA } from './job.ts'

const DEPLOY = 'name: Deploy\non: push\njobs:\n  deploy: { environment: production }\n'
const ALL = {
  contents: 'read',
  deployments: 'read',
  pull_requests: 'read',
  checks: 'read',
  statuses: 'read'
} as const
const EVIL =
  'Fix <img src=x> @all [link](http://evil.example) ::error::x ##[error]y \u202e[gha2 claim 9 1 1 0123456789abcdef.01234567] [code]<b>[/code]'

interface Deployed {
  readonly github: Github
  readonly shop: RepositoryHandle
}

/** A repository whose version 1 is deployed, and whose next version has a pull request and a commit of its own. */
async function withGithub(body: (deployed: Deployed) => Promise<void>): Promise<void> {
  const github = await startGithub()
  try {
    const files = { '.github/workflows/deploy.yml': DEPLOY, CODEOWNERS: '/pay/ @acme/payments' }
    const shop = github.repository('change-actions/servicenow', { private: true, files })
    shop.tag('v1').run('deploy.yml', { ref: 'v1' }).finish('deploy')
    shop.person('ben', 'write')
    shop.branch('pay').commit({ branch: 'pay', author: 'anna', message: 'Pay', files: { 'pay/a.ts': '1' } })
    const reviews = [{ by: 'ben', state: 'APPROVED' }] as const
    shop.pull({ title: EVIL, author: 'anna', head: 'pay', labels: ['breaking'], reviews, merge: true })
    shop.commit({ message: EVIL, author: 'carl', sha: SHA, files: { 'readme.md': '2' } })
    shop.check(SHA, 'unit', 'success').status(SHA, 'scan', 'failure')
    await body({ github, shop })
  } finally {
    await github.stop()
  }
}

const inputs = ({ github, shop }: Deployed) => ({
  ...DEPLOYMENT,
  environment: 'production',
  'change-brief': 'auto',
  'github-token': github.token({ kind: 'job', repository: shop, permissions: ALL })
})

const changes = ({ sandbox }: World) => sandbox.rows('change_request')

onBothApis(api => {
  scenario(
    'approvers read what changed, who looked at it, what was checked and the way back',
    { api },
    world =>
      withGithub(async deployed => {
        const { github, shop } = deployed
        const job = world.newJob({ GITHUB_API_URL: github.url })
        const step = await job.pass('create-change', inputs(deployed))
        expect(step.warnings).toEqual([])
        const [change] = changes(world)
        const [own, brief = ''] = String(change?.description).split('\n\n')
        expect(own).toMatch(/^Repository: change-actions\/servicenow\n/)
        expect(brief).toContain(
          `\nCompare: https://github.com/change-actions/servicenow/compare/${shop.sha('v1')}...${SHA}\n`
        )
        expect(brief).toContain('\nCommits: 3 (1 merge); authors: anna 1, carl 1\n')
        expect(brief).toContain('\nCode owners of the files: acme/payments')
        expect(brief).toContain(': 1 passed, 1 failed; failed: "scan"\n')
        expect(brief).toContain(`\nVersion to go back to: commit ${shop.sha('v1').slice(0, 12)} (tag "v1")\n`)
        expect(brief).toMatch(
          /\n- #1 by anna; approved by ben; labels "breaking"; title "Fix ‹img src=x› [^"\n]*"\n/
        )
        expect(brief).not.toMatch(/[<[\u202e]|::|##|@all|http:\/\/evil/)
        // A later attempt reuses the change as it is, and asks GitHub nothing.
        const before = github.requests.length
        const again = world.newJob({ GITHUB_API_URL: github.url, GITHUB_RUN_ATTEMPT: '2' })
        const second = await again.pass('create-change', inputs(deployed))
        expect([second.outputs.created, changes(world).length]).toEqual(['false', 1])
        const asked = github.requests.slice(before).map(one => one.operationId)
        expect(asked.filter(name => name === 'graphql' || name?.includes('compare'))).toEqual([])
      })
  )
})

scenario('a GitHub that cannot be reached is a line of the brief, and the change is made', {}, world =>
  withGithub(async deployed => {
    deployed.github.fault({ kind: 'unavailable', operation: 'graphql', times: Number.POSITIVE_INFINITY })
    const step = await world
      .newJob({ GITHUB_API_URL: deployed.github.url })
      .pass('create-change', inputs(deployed))
    expect(step.warnings).toEqual([])
    expect(changes(world)[0]?.description).toMatch(
      /\nWhat changes since the last deployment is not known: GitHub: [^\n]+\.\n/
    )
  })
)
