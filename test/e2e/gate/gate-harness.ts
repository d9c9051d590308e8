/** Scenarios of the gate: jobs have a post step, and there can be a GitHub that knows their runs. */
import { OAUTH_CLIENTS, type Sandbox, type SandboxOptions } from '@change-actions/sandbox'
import { startCommits } from '../../../packages/github-actions/src/testing/github-commits.ts'
import { type Github, type GithubOptions, startGithub } from '../../github/github.ts'
import { type Api, scenario, type World } from '../harness.ts'
import { SHA } from '../job.ts'
import { GateJob, type GateStep } from './gate-job.ts'

export type { GateJob, GateStep }

export interface GateWorld extends World {
  /** A job with a gate; variables given here replace those of the first attempt of run 1001. */
  gate(env?: Readonly<Record<string, string>>, matrixIndex?: string): GateJob
}

export interface GateSetting {
  readonly api?: Api
  readonly sandbox?: SandboxOptions
  readonly env?: Readonly<Record<string, string>>
}

/** Polls every second rather than after five and more. */
export const SOON = { timeout: '40', 'poll-interval': '1' }

/** A normal change of the team that the policy's environments belong to. */
export const NORMAL = { ...SOON, environment: 'production', 'assignment-group': 'DevOps Team' }

/** A standard change: nobody is in its path. */
export const STANDARD = {
  ...SOON,
  environment: 'production',
  'standard-change-template': 'app-deployment-template'
}

/** Every approver approves at once. */
export const APPROVING: SandboxOptions = { autoApproveAfterMs: 30 }

/** One scenario; when it fails, what its gates wrote is part of the error. */
export function gateScenario(
  name: string,
  setting: GateSetting,
  body: (world: GateWorld) => Promise<void>
): void {
  const { api, sandbox, env } = setting
  const options = { ...(api === undefined ? {} : { api }), ...(sandbox === undefined ? {} : { sandbox }) }
  scenario(name, { ...options, ...(env === undefined ? {} : { env }) }, world => play(world, setting, body))
}

async function play(world: World, setting: GateSetting, body: (world: GateWorld) => Promise<void>) {
  const jobs: GateJob[] = []
  // Each job has its own address, and so a commit of its own under the one id.
  const commits = await startCommits((_, _commit, base) => jobs[Number(base.slice(1))]?.committed)
  const gate = (env: Readonly<Record<string, string>> = {}, matrixIndex = '0') => {
    const GITHUB_API_URL = `${commits.url}/${jobs.length}`
    const all = { GITHUB_API_URL, ...variables(setting), ...env }
    const job = new GateJob({ instance: world.sandbox.url, env: all, matrixIndex })
    jobs.push(job)
    return job
  }
  try {
    await body({ ...world, gate })
  } catch (error) {
    if (error instanceof Error)
      error.stack = `${error.stack}\n\n${jobs.map(job => job.replay()).join('\n')}\n`
    throw error
  } finally {
    for (const job of jobs) job.end()
    await commits.close()
  }
}

/** Debug logging is on for one of the two APIs: what it prints is searched for secrets too. */
function variables({ api = 'change-management', env = {} }: GateSetting): Record<string, string> {
  const [client] = OAUTH_CLIENTS
  return {
    SERVICENOW_API: api,
    SERVICENOW_CLIENT_ID: client?.id ?? '',
    SERVICENOW_CLIENT_SECRET: client?.secret ?? '',
    ...(api === 'table' ? { RUNNER_DEBUG: '1' } : {}),
    ...env
  }
}

/** The change of a step. */
export function changeOf(sandbox: Sandbox, step: GateStep) {
  const change = sandbox.change(step.outputs['change-number'] ?? '')
  if (change === undefined) throw new Error('the step has no change')
  return change
}

/** The work notes of a step's change, oldest first, without those in which runs bind or use it. */
export function notesOf(sandbox: Sandbox, step: GateStep): string[] {
  return sandbox
    .journal(step.outputs['change-sys-id'] ?? '')
    .map(note => note.text)
    .filter(text => !/^This change is (bound to|used by)/.test(text) && !text.includes('[gha2 fields '))
}

/** Which states a change has been in, by its number: `scheduled` is -2, `implement` -1, … */
export const STATE = {
  new: '-5',
  assess: '-4',
  authorize: '-3',
  scheduled: '-2',
  implement: '-1',
  review: '0',
  closed: '3',
  canceled: '4'
} as const

/** A GitHub with runs of the repository that the gates deploy. */
export interface RunsOnGitHub {
  readonly github: Github
  /** The inputs and variables of a gate that may ask it. */
  readonly inputs: { readonly 'github-token': string }
  readonly env: { readonly GITHUB_API_URL: string }
  /** Starts a run and returns its id. */
  run(state: 'in_progress' | 'completed'): string
  stop(): Promise<void>
}

const WORKFLOW = 'name: Deploy\non: push\njobs:\n  deploy: {}\n'

export async function startRuns(options: GithubOptions = {}): Promise<RunsOnGitHub> {
  const github = await startGithub(options)
  const repository = github.repository('change-actions/servicenow', {
    private: true,
    files: { '.github/workflows/deploy.yml': WORKFLOW }
  })
  repository.commit({ sha: SHA })
  const permissions = { actions: 'read', contents: 'read' } as const
  const token = github.token({ kind: 'job', repository, permissions })
  return {
    github,
    inputs: { 'github-token': token },
    env: { GITHUB_API_URL: github.url },
    run(state) {
      const run = repository.run('deploy.yml').start('deploy')
      return String((state === 'completed' ? run.finish('deploy') : run).id)
    },
    stop: () => github.stop()
  }
}
