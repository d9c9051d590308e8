/** A job in the process of the test, against a sandbox. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime, type StepDefinition } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import { OAUTH_CLIENTS, type Sandbox, type SandboxOptions, startSandbox } from '@change-actions/sandbox'
import type { Shape } from '../../packages/github-actions/src/inputs/field.ts'
import type { Files } from '../../packages/github-actions/src/testing/commit.ts'
import { startCommits } from '../../packages/github-actions/src/testing/github-commits.ts'
import { type Given, type Performed, performInProcess } from './step-in-process.ts'

export type { Given, Performed } from './step-in-process.ts'

/** A job on a runner, with an instance to itself. */
export interface World {
  readonly sandbox: Sandbox
  /** An empty folder: the workspace of the job. */
  readonly workspace: string
  /** The policy that the commit of the run has from now on; undefined: none. */
  policy(yaml: string | undefined): void
  /** Puts a change into the instance as it is, past all rules. */
  plant(fields?: Readonly<Record<string, string>>): { readonly number: string; readonly sysId: string }
  /** The same, made by the account of the job for its run. */
  plantOwn(fields?: Readonly<Record<string, string>>): { readonly number: string; readonly sysId: string }
  /** The work notes of a change without those in which runs bind or use it, and what was submitted. */
  notes(change: string): string[]
  /** Runs a step; variables that it exports reach the later ones. */
  perform<S extends Shape>(definition: StepDefinition<S>, given?: Given): Promise<Performed>
}

/**
 * Runs a test in a world of its own. Approvers approve at once; `autoApproveAfterMs: 600_000` leaves it to the test. A
 * wait that is to end without an approval needs `timeout: 0` or a signal.
 */
export async function inWorld(
  options: SandboxOptions & { readonly api?: 'change-management' | 'table' },
  body: (world: World) => Promise<void>
): Promise<void> {
  const { api = 'change-management', ...settings } = options
  const sandbox = await startSandbox({ approvalDelayMs: 5, autoApproveAfterMs: 5, ...settings })
  const workspace = mkdtempSync(join(tmpdir(), 'action-'))
  const exported: Record<string, string> = {}
  let files: Files = {}
  const commits = await startCommits(() => files)
  const base = {
    ...jobVariables(sandbox, workspace),
    GITHUB_API_URL: commits.url,
    SERVICENOW_API: api
  }
  const plant = (fields: Readonly<Record<string, string>> = {}) => {
    const sysId = sandbox.insert('change_request', { short_description: 'Deploy the shop', ...fields })
    return { sysId, number: sandbox.change(sysId)?.number ?? '' }
  }
  const deployment = deploymentOf(readRuntime(base))
  try {
    await body({
      sandbox,
      workspace,
      policy(yaml) {
        files = yaml === undefined ? {} : { '.github/servicenow-change.yml': yaml }
      },
      plant,
      plantOwn(fields = {}) {
        const planted = plant({ correlation_display: bindingFor(deployment), ...fields })
        sandbox.set('change_request', planted.sysId, { sys_created_by: 'gha.deployer' })
        return planted
      },
      notes: change =>
        sandbox
          .journal(change)
          .map(note => note.text)
          .filter(
            text => !/^This change is (bound to|used by)/.test(text) && !text.includes('[gha2 fields ')
          ),
      async perform(definition, given = {}) {
        const inputs = { ...tokenOf(definition), ...given.inputs }
        const env = { ...base, ...exported, ...given.env }
        const performed = await performInProcess(definition, env, { ...given, inputs })
        Object.assign(exported, performed.exported)
        return performed
      }
    })
  } finally {
    await sandbox.stop()
    await commits.close()
    rmSync(workspace, { recursive: true, force: true })
  }
}

/**
 * The job's token, where the action takes it: the runner always sets it. The GitHub of these tests knows commits alone, so
 * that a test that is about the brief says so.
 */
function tokenOf<S extends Shape>({ inputs }: StepDefinition<S>): Record<string, string> {
  return {
    ...('githubToken' in inputs ? { 'github-token': 'ghs_0f_the_job' } : {}),
    ...('changeBrief' in inputs ? { 'change-brief': 'off' } : {})
  }
}

/** The job's environment: the runner's variables, the instance, and the deployer's OAuth client. */
function jobVariables(sandbox: Sandbox, workspace: string): Record<string, string> {
  const [client] = OAUTH_CLIENTS
  return {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_REPOSITORY_ID: '77',
    GITHUB_WORKFLOW: 'Deploy',
    GITHUB_RUN_ID: '1001',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'deploy',
    GITHUB_ACTION: 'change',
    GITHUB_SHA: '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_ACTOR: 'kim',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_WORKSPACE: workspace,
    SERVICENOW_INSTANCE: sandbox.url,
    SERVICENOW_CLIENT_ID: client?.id ?? '',
    SERVICENOW_CLIENT_SECRET: client?.secret ?? ''
  }
}
