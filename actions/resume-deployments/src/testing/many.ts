/** Many deployments behind one sweep, on a clock that moves only by what is done. */
import { bindingFor } from '@change-actions/change-operations'
import { inWorld, type World } from '../../../testing/perform.ts'
import { definition } from '../main.ts'
import { jobOf } from './claim.ts'

/** GitHub, as far as it is played. */
export interface PlayedGitHub {
  readonly url: string
  /** Requests so far, also those that were refused. */
  readonly requests: () => number
  /** An installation token, as a workflow makes one for each sweep. */
  token(): string
  /** A run whose deployment waits at the environment production. */
  ask(repository: string): { readonly id: number; readonly sha: string; readonly attempt: number }
  /** The run is over. */
  end(repository: string, id: number): void
  /** The decisions that were taken, in their order. */
  readonly decisions: () => readonly { readonly runId: number; readonly at: number }[]
  stop(): Promise<void>
}

/** One deployment. Times are milliseconds from the start. */
export interface Wait {
  readonly repository: string
  readonly askedAt: number
  readonly decidedAt: number
  /** Default: approved. `gone`: approved, and its run is over before. */
  readonly end?: 'approved' | 'rejected' | 'gone'
  readonly plannedStart: number
  readonly plannedEnd: number
}

export interface Many {
  readonly waits: readonly Wait[]
  readonly intervalMs: number
  /** When the last sweep starts at the latest; it ends earlier where everything is decided. */
  readonly untilMs: number
  github(now: () => number): Promise<PlayedGitHub>
}

/** One sweep: its requests, and what it decided. */
export interface Swept {
  readonly at: number
  readonly github: number
  readonly servicenow: number
  readonly decisions: number
}

export interface Decided {
  readonly wait: Wait
  /** When GitHub took the decision; undefined: not until the end. Milliseconds from the start. */
  readonly at: number | undefined
}

export interface ManyResult {
  readonly decided: readonly Decided[]
  /** Indexes of the waits, in the order in which GitHub took the decisions. */
  readonly order: readonly number[]
  readonly sweeps: readonly Swept[]
  /** What the sweeps said that failed. */
  readonly failures: readonly string[]
}

const MINUTE = 60_000
/** Of a request, at either side. */
const LATENCY_MS = 100
const CLAIMED_AFTER_MS = MINUTE
const DEPLOYS_FOR_MS = 10 * MINUTE
const KEPT_FOR_MS = 3 * 24 * 60 * MINUTE
const START = Date.UTC(2026, 0, 5)

const stored = (ms: number) => new Date(START + ms).toISOString().replace('T', ' ').slice(0, 19)

/** What happens at a time. */
interface Happening {
  readonly at: number
  act(): void
}

/** Lets all waits come and be decided, and sweeps in between. Sweeps do not overlap. */
export async function playMany(many: Many): Promise<ManyResult> {
  let slept = 0
  let requests = () => 0
  const now = () => START + slept + requests() * LATENCY_MS
  const sleep = async (ms: number) => {
    slept += ms
  }
  let result: ManyResult | undefined
  await inWorld({ now }, async world => {
    const github = await many.github(now)
    requests = () => github.requests() + world.sandbox.requests.length
    const play = new ManyPlay(world, github, many)
    try {
      for (let at = 0; at <= many.untilMs && !play.isDone; at += many.intervalMs) {
        // A sweep that takes longer than the interval keeps the next one waiting.
        slept += Math.max(0, START + at - now())
        play.happenUntil(now() - START)
        await play.sweep({ now, sleep })
      }
      result = play.result()
    } finally {
      await github.stop()
    }
  })
  if (result === undefined) throw new Error('nothing was played')
  return result
}

class ManyPlay {
  readonly #world: World
  readonly #github: PlayedGitHub
  readonly #many: Many
  readonly #sweeps: Swept[] = []
  readonly #failures: string[] = []
  readonly #byRun = new Map<number, number>()
  readonly #changes = new Map<number, string>()
  readonly #decidedAt = new Map<number, number>()
  readonly #order: number[] = []
  #coming: Happening[]

  constructor(world: World, github: PlayedGitHub, many: Many) {
    this.#world = world
    this.#github = github
    this.#many = many
    this.#coming = many.waits.flatMap((wait, n) => [
      { at: wait.askedAt, act: () => this.#ask(wait, n) },
      { at: wait.decidedAt, act: () => this.#decide(wait, n) }
    ])
  }

  get isDone(): boolean {
    return this.#order.length === this.#many.waits.length
  }

  /** @param ms from the start */
  happenUntil(ms: number): void {
    const due = this.#coming.filter(one => one.at <= ms).sort((one, other) => one.at - other.at)
    this.#coming = this.#coming.filter(one => one.at > ms)
    for (const one of due) one.act()
  }

  #ask({ repository, plannedStart, plannedEnd }: Wait, n: number): void {
    const run = this.#github.ask(repository)
    // Made and closed by the account of the pipelines, for which the administrator of the sandbox stands.
    const { sysId } = this.#world.plant({
      state: '-4',
      approval: 'requested',
      correlation_id: `deploy-${run.id}`,
      correlation_display: bindingFor(jobOf(run, repository).deployment),
      start_date: stored(plannedStart),
      end_date: stored(plannedEnd)
    })
    this.#byRun.set(run.id, n)
    this.#changes.set(n, sysId)
    if (this.#many.waits[n]?.end === 'gone') this.#github.end(repository, run.id)
  }

  #decide({ end = 'approved' }: Wait, n: number): void {
    if (end === 'rejected') this.#write(n, { state: '-5', approval: 'rejected' })
    else this.#write(n, { state: '-2', approval: 'approved' })
  }

  #write(n: number, fields: Readonly<Record<string, string>>): void {
    this.#world.sandbox.set('change_request', this.#changes.get(n) ?? '', fields)
  }

  async sweep(clock: { now(): number; sleep(ms: number): Promise<void> }): Promise<void> {
    const at = clock.now() - START
    const before = { github: this.#github.requests(), servicenow: this.#world.sandbox.requests.length }
    const seen = this.#order.length
    const { failure } = await this.#world.perform(definition, {
      inputs: {
        latch: 'protection-rule',
        repositories: 'installation',
        'github-token': this.#github.token(),
        'own-token': 'ghs_0f_the_job',
        'trusted-accounts': 'admin'
      },
      env: { GITHUB_API_URL: this.#github.url },
      clock
    })
    if (failure !== undefined) this.#failures.push(`${failure.title}: ${failure.text}`)
    for (const { runId, at: decidedAt } of this.#github.decisions().slice(seen)) this.#note(runId, decidedAt)
    this.#sweeps.push({
      at,
      github: this.#github.requests() - before.github,
      servicenow: this.#world.sandbox.requests.length - before.servicenow,
      decisions: this.#order.length - seen
    })
  }

  /** The deployment begins or ends; one that begins claims its change, and closes it. */
  #note(runId: number, decidedAt: number): void {
    const n = this.#byRun.get(runId) ?? -1
    const at = decidedAt - START
    this.#order.push(n)
    this.#decidedAt.set(n, at)
    const wait = this.#many.waits[n]
    if (wait === undefined || wait.end === 'rejected') return
    const claimedAt = at + CLAIMED_AFTER_MS
    const closedAt = claimedAt + DEPLOYS_FOR_MS
    const remove = () => this.#world.sandbox.remove('change_request', this.#changes.get(n) ?? '')
    this.#coming.push(
      { at: claimedAt, act: () => this.#write(n, { state: '-1', work_start: stored(claimedAt) }) },
      { at: closedAt, act: () => this.#write(n, { state: '3', close_code: 'successful' }) },
      { at: closedAt + KEPT_FOR_MS, act: remove }
    )
  }

  result(): ManyResult {
    const decided = this.#many.waits.map((wait, n) => ({ wait, at: this.#decidedAt.get(n) }))
    return { decided, order: this.#order, sweeps: this.#sweeps, failures: this.#failures }
  }
}
