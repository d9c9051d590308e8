/** Re-running a run, its failed jobs, or one job. */
import type { ApiResponse, Call, Handler } from './call.ts'
import { releaseJobs } from './gates.ts'
import { statusOf } from './jobs.ts'
import { notFound, Refusal } from './refusal.ts'
import { requireJob, requireRun } from './run-handlers.ts'
import { type Attempt, type Job, latestAttempt, type Run, type User, type World } from './state.ts'

/** Documented. */
const MAX_RERUNS = 50
const MAX_AGE_MS = 30 * 24 * 60 * 60_000

const FAILED = new Set(['failure', 'cancelled', 'timed_out'])

function checkRerun(call: Call, run: Run): void {
  const { world, caller } = call
  if (caller.kind === 'job' && world.settings.undocumented.jobTokenReruns === 'refused') {
    throw new Refusal(403, 'Resource not accessible by integration')
  }
  // One job that still waits at an environment is enough.
  if (statusOf(world, latestAttempt(run)) !== 'completed') {
    throw new Refusal(403, 'This workflow is already running')
  }
  if (world.now() - run.createdAt > MAX_AGE_MS) {
    throw new Refusal(403, 'Unable to retry this workflow run because it was created over a month ago')
  }
  if (run.attempts.length > MAX_RERUNS) {
    throw new Refusal(403, `This workflow run has been re-run ${MAX_RERUNS} times, which is the maximum`)
  }
}

/** The jobs and all that need them, directly or through others. */
function withDependents(attempt: Attempt, chosen: readonly Job[]): Set<Job> {
  const result = new Set(chosen)
  for (let before = -1; before !== result.size; ) {
    before = result.size
    const keys = new Set([...result].map(({ key }) => key))
    for (const job of attempt.jobs) if (job.needs.some(key => keys.has(key))) result.add(job)
  }
  return result
}

function again(world: World, job: Job, attempt: number): Job {
  const { key, name, needs, environment, makesDeployment } = job
  const at = { createdAt: world.now(), status: 'blocked', conclusion: null } as const
  return { id: world.nextId(), key, name, needs, environment, makesDeployment, attempt, ...at }
}

/** Starts the next attempt; the other jobs keep their results. */
function startAttempt(world: World, run: Run, actor: User, jobs: ReadonlySet<Job>): void {
  const last = latestAttempt(run)
  const number = last.number + 1
  const isPartial = jobs.size < last.jobs.length
  const passed = last.gates
    .filter(({ state }) => state === 'passed')
    .map(({ environment }) => environment.name)
  const passesAgain = new Set(isPartial ? [...last.passesAgain, ...passed] : [])
  run.attempts.push({
    number,
    startedAt: world.now(),
    updatedAt: world.now(),
    actor,
    jobs: last.jobs.map(job => (jobs.has(job) ? again(world, job, number) : job)),
    gates: [],
    passesAgain
  })
  releaseJobs(world, run)
}

function rerun(call: Call, run: Run, jobs: ReadonlySet<Job>): ApiResponse {
  startAttempt(call.world, run, call.actor, jobs)
  return { status: 201, body: {} }
}

export const rerunHandlers: Readonly<Record<string, Handler>> = {
  'actions/re-run-workflow': call => {
    const run = requireRun(call)
    checkRerun(call, run)
    return rerun(call, run, new Set(latestAttempt(run).jobs))
  },
  'actions/re-run-workflow-failed-jobs': call => {
    const run = requireRun(call)
    checkRerun(call, run)
    const attempt = latestAttempt(run)
    const failed = attempt.jobs.filter(({ conclusion }) => conclusion !== null && FAILED.has(conclusion))
    if (failed.length === 0) throw new Refusal(403, 'This workflow run has no failed jobs')
    return rerun(call, run, withDependents(attempt, failed))
  },
  'actions/re-run-job-for-workflow-run': call => {
    const { run, job } = requireJob(call)
    const attempt = latestAttempt(run)
    // The number of a job is that of its last execution.
    if (!attempt.jobs.includes(job)) throw notFound()
    checkRerun(call, run)
    if (job.conclusion === 'success' && !call.world.settings.undocumented.rerunSucceededJob) {
      throw new Refusal(403, 'This job cannot be re-run')
    }
    return rerun(call, run, withDependents(attempt, [job]))
  }
}
