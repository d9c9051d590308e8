/** Runs: how jobs follow each other, and what the status of a run is. */
import { releaseJobs } from './gates.ts'
import { endJob, tell, tellResult } from './jobs.ts'
import {
  type Conclusion,
  type Job,
  latestAttempt,
  type Repository,
  type Run,
  type User,
  type Workflow,
  type World
} from './state.ts'
import { type Contexts, type JobPlan, readWorkflow, substitute } from './workflows.ts'

/** What starts a run. */
export interface RunSpec {
  readonly workflow: Workflow
  /** Text of the workflow file at the commit. */
  readonly text: string
  readonly event: string
  /** `refs/heads/main` */
  readonly ref: string
  readonly sha: string
  readonly actor: User
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly payload?: unknown
  /** What `run-name` would be; default: the file's, or the message of the commit. */
  readonly title?: string
}

function contextsOf(spec: RunSpec, id: number): Contexts {
  const { inputs = {}, payload } = spec
  const event = { inputs, client_payload: payload }
  const names = {
    ref: spec.ref,
    ref_name: spec.ref.replace(/^refs\/(heads|tags)\//, ''),
    sha: spec.sha,
    run_id: id
  }
  return { inputs, github: { ...names, event, actor: spec.actor.login, event_name: spec.event } }
}

function newJob(world: World, plan: JobPlan, contexts: Contexts, attempt: number): Job {
  return {
    id: world.nextId(),
    key: plan.key,
    name: plan.name,
    needs: plan.needs,
    environment: plan.environment === undefined ? undefined : substitute(plan.environment, contexts),
    makesDeployment: plan.makesDeployment,
    attempt,
    createdAt: world.now(),
    status: 'blocked',
    conclusion: null
  }
}

/** Starts a run; its first jobs are queued or wait. */
export function createRun(world: World, repository: Repository, spec: RunSpec): Run {
  const id = world.nextId()
  const contexts = contextsOf(spec, id)
  const file = readWorkflow(spec.workflow.path, spec.text)
  const message = repository.commits.get(spec.sha)?.message.split('\n')[0] ?? file.name
  const now = world.now()
  const run: Run = {
    id,
    number: [...repository.runs.values()].filter(one => one.workflow === spec.workflow).length + 1,
    repository,
    workflow: spec.workflow,
    name: file.name,
    title: spec.title ?? (file.runName === undefined ? message : substitute(file.runName, contexts)),
    event: spec.event,
    ref: spec.ref,
    sha: spec.sha,
    actor: spec.actor,
    inputs: spec.inputs ?? {},
    createdAt: now,
    attempts: [],
    approvals: []
  }
  const jobs = file.jobs.map(plan => newJob(world, plan, contexts, 1))
  run.attempts.push({
    number: 1,
    startedAt: now,
    updatedAt: now,
    actor: spec.actor,
    jobs,
    gates: [],
    passesAgain: new Set()
  })
  repository.runs.set(run.id, run)
  releaseJobs(world, run)
  return run
}

/** A runner takes the job. @throws Error for a job that is not queued */
export function startJob(world: World, run: Run, job: Job): void {
  if (job.status !== 'queued') throw new Error(`job ${job.key} cannot start: it is ${job.status}`)
  job.status = 'in_progress'
  job.startedAt = world.now()
  latestAttempt(run).updatedAt = world.now()
  tell(world, run, job, 'in_progress')
}

/**
 * A job ends, and those that need it go on.
 * @param skips keys of jobs whose `if` is false
 * @throws Error for a job that has not started and is not queued, and for one to skip that has come to its turn
 */
export function finishJob(
  world: World,
  run: Run,
  job: Job,
  conclusion: Conclusion,
  skips: readonly string[] = []
): void {
  if (job.status === 'queued' && conclusion !== 'skipped') startJob(world, run, job)
  if (job.status !== 'in_progress' && conclusion !== 'skipped')
    throw new Error(`job ${job.key} cannot end: it is ${job.status}`)
  endJob(world, job, conclusion)
  tellResult(world, run, job)
  for (const key of skips) {
    const skipped = latestAttempt(run).jobs.find(one => one.key === key)
    if (skipped?.status !== 'blocked')
      throw new Error(`job ${key} cannot be skipped: it is ${skipped?.status}`)
    endJob(world, skipped, 'skipped')
  }
  releaseJobs(world, run)
}

/** Ends all jobs that have not ended: a cancelled run, or one that is too old. */
export function cancelRun(world: World, run: Run): void {
  const attempt = latestAttempt(run)
  for (const job of attempt.jobs.filter(({ status }) => status !== 'completed')) {
    const begun = job.status !== 'blocked'
    endJob(world, job, begun ? 'cancelled' : 'skipped')
    if (begun) tellResult(world, run, job)
  }
  for (const gate of attempt.gates.filter(({ state }) => state === 'waiting')) gate.state = 'rejected'
  attempt.updatedAt = world.now()
}
