/** The preview by its bundle: against a GitHub and an instance, as an account that only reads. */
import { expect } from '@jest/globals'
import { startGithub } from '../github/github.ts'
import { onBothApis, scenario, writes } from './harness.ts'

const REPOSITORY = 'change-actions/servicenow'
const READER = { SERVICENOW_USERNAME: 'gha.reader', SERVICENOW_PASSWORD: 'reader-password' }
const POLICY = `defaults: { start-date: 2030-01-01T22:00:00Z, end-date: 2030-01-01T23:00:00Z }
environments:
  production: { cmdb-ci: Payments, assignment-group: DevOps Teem }
  staging: { standard-change-template: app-deployment-template }
`

onBothApis(api => {
  scenario('a pull request has one comment, up to date', { api, env: READER }, async world => {
    const { sandbox, newJob } = world
    const github = await startGithub({ rateLimits: false })
    const repository = github.repository(REPOSITORY)
    repository.branch('feature')
    const change = (text: string) =>
      repository.commit({ branch: 'feature', files: { '.github/servicenow-change.yml': text } })
    const first = change(POLICY)
    const { number } = repository.pull({ title: 'A feature', head: 'feature' })
    const permissions = { contents: 'read', pull_requests: 'write' } as const
    const token = github.token({ kind: 'job', repository, permissions })
    const jobOf = (sha: string, run: string) => {
      const env = { GITHUB_API_URL: github.url, GITHUB_EVENT_NAME: 'pull_request', GITHUB_SHA: sha }
      const job = newJob({ ...env, GITHUB_RUN_ID: run, GITHUB_EVENT_PATH: '' })
      const head = { sha, repo: { full_name: REPOSITORY } }
      const event = job.file('event.json', JSON.stringify({ pull_request: { number, head } }))
      return newJob({ ...env, GITHUB_RUN_ID: run, GITHUB_EVENT_PATH: event })
    }

    const step = await jobOf(first, '101').pass('preview-change', { 'github-token': token })
    expect(step.warnings).toEqual([expect.stringMatching(/DevOps Team.* Fix: use one of the names listed/)])
    expect(step.summary).toContain('### "staging"')
    expect(repository.comments).toMatchObject([{ user: { login: 'github-actions[bot]' } }])
    expect(step.outputs['comment-url']).toContain(`#issuecomment-${repository.comments[0]?.id}`)

    const second = change(POLICY.replace('DevOps Teem', 'DevOps Team'))
    const mended = await jobOf(second, '102').pass('preview-change', { 'github-token': token })
    expect(mended.warnings).toEqual([])
    expect(JSON.parse(mended.outputs.preview ?? '').problems).toBe(0)
    expect(repository.comments).toHaveLength(1)
    expect(repository.comments[0]?.body).toContain('| Assignment group | "DevOps Team" |')

    const broken = change('environments: { production: { timeout: soon } }')
    const failed = await jobOf(broken, '103').fail('preview-change', { 'github-token': token })
    expect(failed.error.title).toBe('Input error')
    expect(repository.comments[0]?.body).toContain('The policy would stop deployments')
    expect(writes(sandbox)).toEqual([])
    await github.stop()
  })
})
