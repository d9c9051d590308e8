/** The job that goes on: it claims its change as the gate does. */
import { SHIPPED_STATES } from '@change-actions/change-control'
import { enterImplement, type OperationContext, withStates } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { identityOf } from '@change-actions/github-actions/change'
import { createClient, Problem } from '@change-actions/servicenow-client'
import type { RunHandle } from '../../../../test/github/run-handle.ts'

/** The account of the jobs. */
const CREDENTIALS = { scheme: 'basic', username: 'gha.deployer', password: 'deployer-password' } as const

interface Clock {
  now(): number
  sleep(ms: number): Promise<void>
}

/** The identity of a job that deploys to production. */
export function jobOf(run: Pick<RunHandle, 'id' | 'sha' | 'attempt'>, repository = 'acme/shop') {
  const runtime = readRuntime({
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: String(run.id),
    GITHUB_RUN_ATTEMPT: String(run.attempt),
    GITHUB_SHA: run.sha
  })
  return identityOf(runtime, { environment: 'production' })
}

/** @returns whether the change is this run's now */
export async function claim(
  instance: string,
  clock: Clock,
  one: {
    readonly run: RunHandle
    readonly sysId: string
    runIsOver(id: string): Promise<boolean | undefined>
  }
): Promise<boolean> {
  const client = createClient({
    instance,
    credentials: CREDENTIALS,
    api: 'change-management',
    userAgent: 'job/1',
    requestTimeoutMs: 30_000,
    maxRetries: 4,
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0
  })
  const context: OperationContext = {
    client: withStates(client, SHIPPED_STATES),
    states: SHIPPED_STATES,
    emit: () => undefined,
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0,
    dryRun: false
  }
  try {
    const change = await context.client.changes.get(one.sysId)
    await enterImplement(context, {
      change,
      identity: jobOf(one.run),
      policy: {
        proceedStates: ['scheduled', 'implement'],
        waitStates: ['new', 'assess', 'authorize', 'scheduled'],
        requireApproval: true,
        respectWindow: true,
        allowNewCommit: false
      },
      lifecycleNotes: false,
      takeOver: false,
      runIsOver: one.runIsOver
    })
    return true
  } catch (error) {
    if (error instanceof Problem && ['changed-after-approval', 'in-use'].includes(error.code)) return false
    throw error
  } finally {
    await client.close()
  }
}
