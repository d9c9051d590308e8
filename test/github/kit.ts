/** What the tests of this folder share: a client, a repository with a gate, and an App that owns the rule. */
import { Octokit } from '@octokit/core'
import {
  type AppHandle,
  type Github,
  type GithubOptions,
  type RepositoryHandle,
  startGithub
} from './github.ts'

/** A build, and a deployment behind an environment. */
export const DEPLOY = `name: Deploy
run-name: Deploy \${{ inputs.change-number }}
on:
  push:
  workflow_dispatch:
    inputs:
      change-number: { required: true, type: string }
      environment: { type: choice, options: [staging, production], default: production }
jobs:
  build: {}
  deploy:
    needs: build
    environment: production
`

/** A job that checks the change, and a deployment that is skipped while it is not approved. */
export const CHECK = `name: Check
on: [push]
jobs:
  check: {}
  deploy: { needs: check, environment: production }
  notify: { needs: deploy }
`

export interface Stage {
  readonly github: Github
  readonly shop: RepositoryHandle
  /** Owns the rule of the environment `production`. */
  readonly app: AppHandle
  /** An installation token of the App with all that it may do. */
  readonly token: string
}

/** A GitHub with acme/shop, and its environment production behind a rule of the App. */
export async function stage(options: GithubOptions = {}): Promise<Stage> {
  // Stands still but for `advance`: limits of time can be tested to the second.
  const started = Date.now()
  const github = await startGithub({ rateLimits: false, now: () => started, ...options })
  const app = github.app('latch', {
    actions: 'write',
    contents: 'write',
    deployments: 'write',
    pull_requests: 'read'
  })
  const shop = github.repository('acme/shop', {
    files: {
      '.github/workflows/deploy.yml': DEPLOY,
      '.github/workflows/check.yml': CHECK,
      'README.md': 'Shop\n'
    },
    people: { anna: 'write', reader: 'read' }
  })
  shop.environment('production', { rules: [app] })
  return { github, shop, app, token: app.install('acme').token() }
}

/** What came back, whether it was refused or not. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the form of its response
  readonly data: any
}

/** Octokit with a token: refusals are values here, so that a test can check them. */
export function client(github: Github, auth?: string) {
  const octokit = new Octokit({
    baseUrl: github.url,
    ...(auth === undefined ? {} : { auth }),
    log: { debug() {}, info() {}, warn() {}, error() {} }
  })
  return async (route: string, parameters: Record<string, unknown> = {}): Promise<Reply> => {
    try {
      const place = route.includes('{owner}') ? { owner: 'acme', repo: 'shop' } : {}
      const response = await octokit.request(route, { ...place, ...parameters })
      return response as Reply
    } catch (error) {
      const { status, response } = error as {
        status?: number
        response?: { headers: Reply['headers']; data: unknown }
      }
      if (status === undefined || response === undefined) throw error
      return { status, headers: response.headers, data: response.data }
    }
  }
}

const RUN = '/repos/{owner}/{repo}/actions/runs/{run_id}'

/** The routes that many tests call. */
export const ROUTES = {
  run: `GET ${RUN}`,
  runs: 'GET /repos/{owner}/{repo}/actions/runs',
  jobs: `GET ${RUN}/jobs`,
  pending: `GET ${RUN}/pending_deployments`,
  review: `POST ${RUN}/pending_deployments`,
  decide: `POST ${RUN}/deployment_protection_rule`,
  approvals: `GET ${RUN}/approvals`,
  rerun: `POST ${RUN}/rerun`,
  rerunFailed: `POST ${RUN}/rerun-failed-jobs`,
  rerunJob: 'POST /repos/{owner}/{repo}/actions/jobs/{job_id}/rerun',
  dispatch: 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
  dispatchEvent: 'POST /repos/{owner}/{repo}/dispatches'
} as const
