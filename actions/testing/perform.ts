/** A job in the process of the test, against a sandbox. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StepDefinition } from '@change-actions/github-actions'
import { OAUTH_CLIENTS, type Sandbox, type SandboxOptions, startSandbox } from '@change-actions/sandbox'
import type { Shape } from '../../packages/github-actions/src/inputs/field.ts'
import { type Given, type Performed, performInProcess } from './step-in-process.ts'

export type { Given, Performed } from './step-in-process.ts'

/** A job on a runner, with an instance to itself. */
export interface World {
  readonly sandbox: Sandbox
  /** An empty folder: the workspace of the job. */
  readonly workspace: string
  /** Puts a change into the instance as it is, past all rules. */
  plant(fields?: Readonly<Record<string, string>>): { readonly number: string; readonly sysId: string }
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
  const base = { ...jobVariables(sandbox, workspace), SERVICENOW_API: api }
  try {
    await body({
      sandbox,
      workspace,
      plant(fields = {}) {
        const sysId = sandbox.insert('change_request', { short_description: 'Deploy the shop', ...fields })
        return { sysId, number: sandbox.change(sysId)?.number ?? '' }
      },
      async perform(definition, given = {}) {
        const performed = await performInProcess(definition, { ...base, ...exported, ...given.env }, given)
        Object.assign(exported, performed.exported)
        return performed
      }
    })
  } finally {
    await sandbox.stop()
    rmSync(workspace, { recursive: true, force: true })
  }
}

/** The work notes on a change, oldest first, without what tells the fields as they were submitted. */
export function notesOn({ sandbox }: Pick<World, 'sandbox'>, change: string): string[] {
  return sandbox
    .journal(change)
    .map(note => note.text)
    .filter(text => !text.includes('[gha fields '))
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
