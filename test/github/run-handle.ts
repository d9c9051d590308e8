/** A run as tests see and move it: what runners, people and administrators do. */
import { bypass, decide, openRules, waitingGate } from './gates.ts'
import { conclusionOf, listedJobs, statusOf } from './jobs.ts'
import { cancelRun, finishJob, startJob } from './runs.ts'
import {
  type Approval,
  type Conclusion,
  type Gate,
  type Job,
  latestAttempt,
  type Run,
  type World
} from './state.ts'
import { passTime } from './time.ts'
import { userNamed } from './world.ts'

/** A gate as it is now. */
export interface GateState {
  readonly environment: string
  readonly state: 'waiting' | 'passed' | 'rejected'
  /** Slugs of the Apps whose rules have not decided. */
  readonly undecided: readonly string[]
  /** Status notes, oldest first. */
  readonly notes: readonly string[]
}

export interface RunHandle {
  readonly id: number
  readonly attempt: number
  readonly status: 'queued' | 'in_progress' | 'waiting' | 'completed'
  readonly conclusion: Conclusion | null
  /** `run-name`, or what stands in for it. */
  readonly title: string
  readonly event: string
  readonly ref: string
  readonly sha: string
  readonly inputs: Readonly<Record<string, unknown>>
  readonly approvals: readonly Approval[]
  /** Jobs of the latest attempt that GitHub lists: key, status and conclusion. */
  readonly jobs: readonly Job[]
  /** The job with that key. @throws Error when there is none */
  job(key: string): Job
  /** The newest gate at an environment, of the latest attempt; undefined when no job has come there. */
  gate(environment: string): GateState | undefined
  /** A runner takes a queued job. */
  start(key: string): RunHandle
  /** A job ends; a queued one starts first. `skips`: jobs whose `if` is false then. */
  finish(key: string, conclusion?: Conclusion, options?: { readonly skips?: readonly string[] }): RunHandle
  /** A reviewer approves in the browser. */
  approve(environment: string, by: string, comment?: string): RunHandle
  /** A reviewer rejects in the browser. */
  reject(environment: string, by: string, comment?: string): RunHandle
  /** An administrator starts the waiting jobs in spite of the rules. */
  bypass(environment: string, by: string, comment?: string): RunHandle
  cancel(): RunHandle
  /** Deletes the run: every request for it gets 404. */
  remove(): void
}

function requireJobOf(run: Run, key: string): Job {
  const job = latestAttempt(run).jobs.find(one => one.key === key)
  if (job === undefined) throw new Error(`run ${run.id} has no job ${key}`)
  return job
}

function requireGate(run: Run, name: string): Gate {
  const environment = run.repository.environments.get(name.toLowerCase())
  const gate = environment && waitingGate(run, environment)
  if (gate === undefined) throw new Error(`no job of run ${run.id} waits at ${name}`)
  return gate
}

function gateState(run: Run, name: string): GateState | undefined {
  const gate = latestAttempt(run).gates.findLast(
    one => one.environment.name.toLowerCase() === name.toLowerCase()
  )
  if (gate === undefined) return undefined
  const { environment, state, notes } = gate
  return {
    environment: environment.name,
    state,
    undecided: openRules(gate).map(({ slug }) => slug),
    notes: [...notes.values()].flat()
  }
}

/** The handle of a run; `changed` is called after each change. */
export function runHandle(world: World, run: Run, changed: () => void): RunHandle {
  const change = (body: () => void) => {
    passTime(world)
    body()
    changed()
    return handle
  }
  const review =
    (state: 'approved' | 'rejected') =>
    (environment: string, by: string, comment = '') =>
      change(() =>
        decide(world, run, requireGate(run, environment), { state, comment, user: userNamed(world, by) })
      )
  const current = <T>(value: (attempt: ReturnType<typeof latestAttempt>) => T): T => {
    passTime(world)
    return value(latestAttempt(run))
  }
  const handle: RunHandle = {
    id: run.id,
    title: run.title,
    event: run.event,
    ref: run.ref,
    sha: run.sha,
    inputs: run.inputs,
    approvals: run.approvals,
    get attempt() {
      return latestAttempt(run).number
    },
    get status() {
      return current(attempt => statusOf(world, attempt))
    },
    get conclusion() {
      return current(attempt => conclusionOf(world, attempt))
    },
    get jobs() {
      return current(listedJobs)
    },
    job: key => current(() => requireJobOf(run, key)),
    gate: environment => current(() => gateState(run, environment)),
    start: key => change(() => startJob(world, run, requireJobOf(run, key))),
    finish: (key, conclusion = 'success', { skips = [] } = {}) =>
      change(() => finishJob(world, run, requireJobOf(run, key), conclusion, skips)),
    approve: review('approved'),
    reject: review('rejected'),
    bypass: (environment, by, comment = '') =>
      change(() => bypass(world, run, requireGate(run, environment), userNamed(world, by), comment)),
    cancel: () => change(() => cancelRun(world, run)),
    remove: () => void change(() => run.repository.runs.delete(run.id))
  }
  return handle
}
