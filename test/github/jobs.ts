/** Jobs of an attempt, and what their states say of the run. */
import { addStatus } from './deployments.ts'
import { type Attempt, type Conclusion, fullName, type Job, type Run, type World } from './state.ts'

/** Ends one job, without what follows from it. */
export function endJob(world: World, job: Job, conclusion: Conclusion): void {
  job.status = 'completed'
  job.conclusion = conclusion
  job.completedAt = world.now()
}

/** Adds a status to the deployment of a job, with a link to the job; nothing for a job without a deployment. */
export function tell(world: World, run: Run, job: Job, state: string): void {
  if (job.deployment === undefined) return
  const logUrl = `${world.serverUrl}/${fullName(run.repository)}/actions/runs/${run.id}/job/${job.id}`
  addStatus(world, run.repository, job.deployment, { state, creator: run.actor, logUrl })
}

/** The result of a job is that of its deployment. */
export function tellResult(world: World, run: Run, job: Job): void {
  const { conclusion } = job
  tell(
    world,
    run,
    job,
    conclusion === 'success' ? 'success' : conclusion === 'cancelled' ? 'error' : 'failure'
  )
}

/** Jobs that GitHub lists: those whose needs have ended. */
export function listedJobs(attempt: Attempt): Job[] {
  return attempt.jobs.filter(({ status }) => status !== 'blocked')
}

/** Status of an attempt as the API tells it. */
export function statusOf(world: World, attempt: Attempt): 'queued' | 'in_progress' | 'waiting' | 'completed' {
  const has = (status: Job['status']) => attempt.jobs.some(job => job.status === status)
  const isActive = has('queued') || has('in_progress')
  if (has('waiting')) return isActive ? world.settings.undocumented.statusWithWaitingJob : 'waiting'
  if (!isActive) return 'completed'
  const hasBegun = attempt.jobs.some(job => job.attempt === attempt.number && job.startedAt !== undefined)
  return hasBegun ? 'in_progress' : 'queued'
}

/** Conclusion of an attempt; null while it is not completed. */
export function conclusionOf(world: World, attempt: Attempt): Conclusion | null {
  if (statusOf(world, attempt) !== 'completed') return null
  const all = new Set(attempt.jobs.map(job => job.conclusion))
  for (const conclusion of ['failure', 'timed_out', 'cancelled'] as const) {
    if (all.has(conclusion)) return conclusion === 'timed_out' ? 'failure' : conclusion
  }
  return all.has('success') ? 'success' : 'skipped'
}
