/** Many waits in one process, on one clock that only moves when everybody is waiting for it. */
import { SHIPPED_STATES } from '@change-actions/change-control'
import { type Waited, waitForApproval } from '@change-actions/change-operations'
import { type Sandbox, startSandbox } from '@change-actions/sandbox'
import { createClient } from '@change-actions/servicenow-client'
import { VirtualClock } from './virtual-clock.ts'

export interface Crowd {
  readonly waits: number
  /** Of the account that all waits share; no limit when absent. */
  readonly limitPerMinute?: number
  readonly intervalMs: number
  readonly timeoutMs: number
  /** From the start of the crowd to the approval of wait `n`, counted from 0. */
  readonly approvedAfterMs: (n: number) => number
  /** The waits start within this time: jobs do not start in the same millisecond. */
  readonly startsWithinMs: number
}

export interface DecidedWait {
  readonly outcome: Waited['outcome']
  /** From the wait's start, or the approval if that is later, to its end. */
  readonly lagMs: number
  /** From the wait's start to the approval; negative when it came before. */
  readonly approvedAfterMs: number
  readonly polls: number
}

export interface CrowdResult {
  readonly waits: readonly DecidedWait[]
  readonly requests: number
  /** Share of requests refused after the first minute. */
  readonly refused: number
  /** Minutes of the instance's clock until the last wait was decided. */
  readonly minutes: number
}

const MINUTE = 60_000

/** The same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Plays all waits to their end. */
export async function playCrowd(crowd: Crowd): Promise<CrowdResult> {
  const clock = new VirtualClock()
  const start = clock.now
  const { limitPerMinute } = crowd
  const sandbox = await startSandbox({
    now: () => clock.now,
    ...(limitPerMinute !== undefined && { rateLimitPerMinute: limitPerMinute })
  })
  try {
    const waits = await Promise.all(
      Array.from({ length: crowd.waits }, (_, n) => clock.run(() => waitOnce(sandbox, clock, crowd, n)))
    )
    const later = sandbox.requests.filter(one => one.at >= start + MINUTE)
    return {
      waits,
      requests: sandbox.requests.length,
      refused: later.filter(one => one.status === 429).length / Math.max(1, later.length),
      minutes: (clock.now - start) / MINUTE
    }
  } finally {
    await sandbox.stop()
  }
}

async function waitOnce(
  sandbox: Sandbox,
  clock: VirtualClock,
  crowd: Crowd,
  n: number
): Promise<DecidedWait> {
  const sysId = sandbox.insert('change_request', { type: 'normal', state: '-3', approval: 'requested' })
  const approvedAt = clock.now + crowd.approvedAfterMs(n)
  const random = seeded(n + 1)
  const sleep = (ms: number) => clock.sleep(ms)
  const now = () => {
    if (clock.now >= approvedAt && sandbox.change(sysId)?.state === '-3')
      sandbox.set('change_request', sysId, { state: '-2', approval: 'approved' })
    return clock.now
  }
  const client = createClient({
    instance: sandbox.url,
    credentials: { scheme: 'basic', username: 'gha.deployer', password: 'deployer-password' },
    api: 'change-management',
    userAgent: 'crowd',
    requestTimeoutMs: 30_000,
    maxRetries: 4,
    now,
    sleep,
    random
  })
  await sleep(random() * crowd.startsWithinMs)
  const startedAt = clock.now
  const waited = await waitForApproval(
    { client, states: SHIPPED_STATES, emit: () => undefined, now, sleep, random, dryRun: false },
    {
      sysId,
      policy: {
        proceedStates: ['scheduled', 'implement', 'review'],
        waitStates: ['new', 'assess', 'authorize', 'scheduled'],
        requireApproval: true,
        respectWindow: true,
        allowNewCommit: false
      },
      timeoutMs: crowd.timeoutMs,
      intervalMs: crowd.intervalMs
    }
  )
  await client.close()
  return {
    outcome: waited.outcome,
    lagMs: clock.now - Math.max(approvedAt, startedAt),
    approvedAfterMs: approvedAt - startedAt,
    polls: waited.polls
  }
}
