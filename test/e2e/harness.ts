/**
 * End-to-end scenarios: the built actions as processes of their own, against an instance, as a runner starts
 * them. Each scenario has an instance and a workspace to itself, so they run side by side.
 *
 * `ACTION_NODE` names the node binary that runs the actions; default: the one that runs the tests.
 */

import {
  ACCOUNTS,
  OAUTH_CLIENTS,
  type Sandbox,
  type SandboxOptions,
  startSandbox
} from '@change-actions/sandbox'
import { describe, test } from '@jest/globals'
import { startCommits } from '../../packages/github-actions/src/testing/github-commits.ts'
import { checkRequests } from './checks.ts'
import { Job, type JobOptions } from './job.ts'

export type Api = 'change-management' | 'table'

export interface World {
  readonly sandbox: Sandbox
  readonly job: Job
  /** Another job of the same workflow run; variables given here replace those of the first job. */
  newJob(env?: Readonly<Record<string, string>>, options?: Pick<JobOptions, 'matrixIndex'>): Job
  /** Puts a change into the instance as it is, past all rules. */
  plant(fields?: Readonly<Record<string, string>>): { readonly number: string; readonly sysId: string }
}

export interface Setting {
  readonly api?: Api
  readonly sandbox?: SandboxOptions
  /** Variables of the jobs. Without any of the credentials, those of the deployer's OAuth client are set. */
  readonly env?: Readonly<Record<string, string>>
}

const TIMEOUT_MS = 60_000

/** The same scenarios once on each of the two APIs. */
export function onBothApis(tests: (api: Api) => void): void {
  describe.each<Api>(['change-management', 'table'])('on the %s API', tests)
}

/** One scenario; when it fails, what its steps wrote is part of the error. */
export function scenario(name: string, setting: Setting, body: (world: World) => Promise<void>): void {
  test.concurrent(name, () => play(setting, body), TIMEOUT_MS)
}

/** One scenario for each case of a table; `%s` in the name is the case's key. */
export function scenarios<T>(
  name: string,
  setting: Setting,
  cases: Readonly<Record<string, T>>,
  body: (world: World, one: T) => Promise<void>
): void {
  for (const [key, one] of Object.entries(cases))
    scenario(
      name.replace('%s', () => key),
      setting,
      world => body(world, one)
    )
}

async function play(setting: Setting, body: (world: World) => Promise<void>): Promise<void> {
  const sandbox = await startSandbox({ approvalDelayMs: 20, ...setting.sandbox })
  const jobs: Job[] = []
  const commits = await startCommits(() => ({}))
  const newJob: World['newJob'] = (env = {}, options = {}) => {
    const all = { GITHUB_API_URL: commits.url, ...environment(setting), ...env }
    const workspace = jobs[0]?.workspace
    const job = new Job({
      instance: sandbox.url,
      env: all,
      ...options,
      ...(workspace === undefined ? {} : { workspace })
    })
    jobs.push(job)
    return job
  }
  try {
    await body({ sandbox, job: newJob(), newJob, plant: fields => plant(sandbox, fields) })
    checkRequests(sandbox)
  } catch (error) {
    throw withReplay(error, jobs)
  } finally {
    for (const job of jobs) job.end()
    await commits.close()
    await sandbox.stop()
  }
}

/** Debug logging is on for one of the two APIs: what it prints is searched for secrets too. */
function environment({ api = 'change-management', env = {} }: Setting): Record<string, string> {
  const [client] = OAUTH_CLIENTS
  const credentials = Object.keys(env).some(name => /_(?:CLIENT_ID|USERNAME|TOKEN|API_KEY)$/.test(name))
    ? {}
    : { SERVICENOW_CLIENT_ID: client?.id ?? '', SERVICENOW_CLIENT_SECRET: client?.secret ?? '' }
  return {
    SERVICENOW_API: api,
    ...credentials,
    ...(api === 'table' ? { RUNNER_DEBUG: '1' } : {}),
    ...env
  }
}

/** What the scenarios deploy, unless they are about something else. */
export const DEPLOYMENT = { 'short-description': 'Deploy the shop', 'assignment-group': 'DevOps Team' }

/** Polls every second rather than after five and more. */
export const SOON = { timeout: '30', 'poll-interval': '1' }

/** The deployment's change, created by a step of the job, with its approval requested. */
export async function submit(
  { sandbox, job }: Pick<World, 'sandbox' | 'job'>,
  inputs: Readonly<Record<string, string>> = {}
): Promise<string> {
  const step = await job.pass('create-change', { ...DEPLOYMENT, ...inputs })
  const number = step.outputs['change-number'] ?? ''
  await approvalRequested(sandbox, number)
  return number
}

/** The same, and approved by Anna of the CAB. */
export async function approved(
  world: Pick<World, 'sandbox' | 'job'>,
  inputs: Readonly<Record<string, string>> = {}
): Promise<string> {
  const number = await submit(world, inputs)
  world.sandbox.approve(number)
  return number
}

/** Waits until the approval is requested from somebody. */
export function approvalRequested(sandbox: Sandbox, number: string): Promise<true> {
  return sandbox.waitFor(() => sandbox.approvers(number).some(row => row.state === 'requested'))
}

/** The requests of the actions that could have written something, sign-ins apart. */
export function writes(sandbox: Sandbox): string[] {
  return sandbox.requests
    .filter(one => one.method !== 'GET' && one.path !== '/oauth_token.do')
    .map(one => `${one.method} ${one.path}`)
}

/** An administrator changes a record by hand, and the instance's rules apply. */
export async function byHand(
  sandbox: Sandbox,
  number: string,
  fields: Record<string, string>
): Promise<void> {
  const admin = ACCOUNTS.find(account => account.userName === 'admin')
  const response = await fetch(
    `${sandbox.url}/api/now/table/change_request/${sandbox.change(number)?.sys_id}`,
    {
      method: 'PATCH',
      headers: {
        Authorization: `Basic ${Buffer.from(`admin:${admin?.password}`).toString('base64')}`,
        'Content-Type': 'application/json',
        Accept: 'application/json'
      },
      body: JSON.stringify(fields)
    }
  )
  if (!response.ok) throw new Error(`by hand: ${response.status} ${await response.text()}`)
}

function plant(sandbox: Sandbox, fields: Readonly<Record<string, string>> = {}) {
  const sysId = sandbox.insert('change_request', { short_description: 'Deploy the shop', ...fields })
  return { sysId, number: sandbox.change(sysId)?.number ?? '' }
}

function withReplay(error: unknown, jobs: readonly Job[]): unknown {
  if (!(error instanceof Error)) return error
  const replay = jobs.map(job => job.replay()).join('\n')
  const [head = '', ...frames] = (error.stack ?? error.message).split(/\n(?= +at )/)
  error.stack = [`${head}\n\n${replay}\n`, ...frames].join('\n')
  return error
}
