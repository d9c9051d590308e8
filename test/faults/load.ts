/** Three hundred waits behind one rate limit, on one clock that only moves when everybody is waiting for it. */
import { type Waited, waitForApproval } from '@change-actions/change-flow'
import { type Sandbox, startSandbox } from '@change-actions/sandbox'
import { createClient } from '@change-actions/servicenow-client'

const WAITS = 300
const LIMIT_PER_MINUTE = 100
const MINUTE = 60_000
const INTERVAL_MS = 60_000
const TIMEOUT_MS = 4 * 60 * MINUTE

export interface Load {
  readonly wrong: readonly string[]
  readonly requests: number
  /** Share of requests refused after the first minute. */
  readonly refused: number
  /** Minutes of the instance's clock until the last wait had its answer. */
  readonly minutes: number
  /** The longest time between an approval and the answer of its wait, in minutes. */
  readonly worstLagMinutes: number
}

/** Time that passes when nobody has anything to do until later. */
class VirtualClock {
  now = Date.UTC(2026, 0, 5, 9, 0, 0)
  #busy = 0
  readonly #sleepers: { at: number; wake: () => void }[] = []

  /** Counts as busy whenever it is not asleep. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1
    try {
      return await work()
    } finally {
      this.#busy -= 1
      this.#advance()
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      this.#sleepers.push({ at: this.now + Math.max(0, ms), wake: resolve })
      this.#busy -= 1
      this.#advance()
    })
  }

  #advance(): void {
    if (this.#busy > 0 || this.#sleepers.length === 0) return
    const next = Math.min(...this.#sleepers.map(one => one.at))
    this.now = Math.max(this.now, next)
    const due = this.#sleepers.filter(one => one.at <= this.now)
    for (const one of due) {
      this.#sleepers.splice(this.#sleepers.indexOf(one), 1)
      this.#busy += 1
      one.wake()
    }
  }
}

/** The same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

export async function runLoad(): Promise<Load> {
  const clock = new VirtualClock()
  const start = clock.now
  const sandbox = await startSandbox({ now: () => clock.now, rateLimitPerMinute: LIMIT_PER_MINUTE })
  try {
    const waits = await Promise.all(
      Array.from({ length: WAITS }, (_, n) => clock.run(() => waitOnce(sandbox, clock, n)))
    )
    return judge(sandbox, start, clock.now, waits)
  } finally {
    await sandbox.stop()
  }
}

interface Answered {
  readonly waited: Waited
  /** From approval to answer. */
  readonly lagMs: number
}

async function waitOnce(sandbox: Sandbox, clock: VirtualClock, n: number): Promise<Answered> {
  const sysId = sandbox.insert('change_request', { type: 'normal', state: '-3', approval: 'requested' })
  // Approved one after the other over the first hour.
  const approvedAt = clock.now + (n + 1) * (60 / WAITS) * MINUTE
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
    userAgent: 'load',
    requestTimeoutMs: 30_000,
    maxRetries: 4,
    now,
    sleep,
    random
  })
  const silent = () => undefined
  const report = { info: silent, warning: silent, notice: silent, plan: silent }
  // Jobs do not start in the same millisecond.
  await sleep(random() * 30_000)
  const waited = await waitForApproval(
    { client, report, now, sleep, random, dryRun: false },
    {
      sysId,
      policy: {
        proceedStates: ['scheduled', 'implement', 'review'],
        waitStates: ['new', 'assess', 'authorize', 'scheduled'],
        requireApproval: true,
        respectWindow: true,
        allowNewCommit: false
      },
      timeoutMs: TIMEOUT_MS,
      intervalMs: INTERVAL_MS
    }
  )
  await client.close()
  return { waited, lagMs: clock.now - approvedAt }
}

/** A wait that hears of its approval this late has starved. */
const STARVED_MINUTES = 12
/** Three waits a place: the rest of the time they find out that others were first. */
const MOST_REFUSED = 0.35

function judge(sandbox: Sandbox, start: number, end: number, waits: readonly Answered[]): Load {
  const later = sandbox.requests.filter(one => one.at >= start + MINUTE)
  const refused = later.filter(one => one.status === 429).length / Math.max(1, later.length)
  const worstLagMinutes = Math.max(...waits.map(one => one.lagMs)) / MINUTE
  const lost = waits.filter(one => one.waited.outcome !== 'approved')
  return {
    requests: sandbox.requests.length,
    refused,
    minutes: (end - start) / MINUTE,
    worstLagMinutes,
    wrong: [
      ...(lost.length === 0 ? [] : [`${lost.length} waits ended with ${lost[0]?.waited.outcome}`]),
      ...(refused <= MOST_REFUSED ? [] : [`${Math.round(refused * 100)} % of the requests were refused`]),
      ...(worstLagMinutes <= STARVED_MINUTES
        ? []
        : [`a wait heard of its approval ${Math.round(worstLagMinutes)} minutes late`])
    ]
  }
}
