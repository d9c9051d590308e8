/** Runs, jobs and workflows over the API. */
import type { ApiResponse, Call, Handler } from './call.ts'
import { commitOf } from './commits.ts'
import { conclusionOf, listedJobs, statusOf } from './jobs.ts'
import { page } from './paging.ts'
import { notFound, Refusal } from './refusal.ts'
import { jobView, runView, workflowView } from './run-views.ts'
import { cancelRun } from './runs.ts'
import { type Attempt, type Job, latestAttempt, type Run, type Workflow } from './state.ts'
import { ok, time } from './views.ts'
import { findWorkflow, workflowsAt } from './workflows.ts'

/** Documented: a filtered list ends here. */
const MAX_FILTERED = 1000

/** @throws Refusal 404 */
export function requireRun(call: Call): Run {
  const run = call.repository.runs.get(call.id('run_id'))
  if (run === undefined) throw notFound()
  return run
}

function requireAttempt(call: Call): { run: Run; attempt: Attempt } {
  const run = requireRun(call)
  const attempt = run.attempts.find(({ number }) => number === call.id('attempt_number'))
  if (attempt === undefined) throw notFound()
  return { run, attempt }
}

/** A job of any attempt. @throws Refusal 404 */
export function requireJob(call: Call): { run: Run; job: Job } {
  for (const run of call.repository.runs.values()) {
    const all = run.attempts.flatMap(listedJobs)
    const job = all.find(({ id }) => id === call.id('job_id'))
    if (job) return { run, job }
  }
  throw notFound()
}

/** `>=2026-01-01`, `<2026-02-01T00:00:00Z`, `2026-01-01..2026-01-31`, or a day. */
function isCreated(range: string, at: number): boolean {
  const day = (text: string, end: boolean) =>
    Date.parse(text.includes('T') || !end ? text : `${text}T23:59:59.999Z`)
  const [, operator = '', text = ''] = /^(>=|<=|>|<)?(.+)$/.exec(range) ?? []
  const [from = '', to] = text.split('..')
  if (to !== undefined) return (from === '*' || at >= day(from, false)) && (to === '*' || at <= day(to, true))
  switch (operator) {
    case '>=':
      return at >= day(from, false)
    case '>':
      return at > day(from, true)
    case '<=':
      return at <= day(from, true)
    case '<':
      return at < day(from, false)
    default:
      return at >= day(from, false) && at <= day(from, true)
  }
}

function fits(call: Call, run: Run): boolean {
  const { query, world } = call
  const is = (name: string, ...values: readonly (string | null)[]) => {
    const wanted = query.get(name)
    return wanted === null || wanted === '' || values.includes(wanted)
  }
  const attempt = latestAttempt(run)
  const created = query.get('created')
  return (
    is('status', statusOf(world, attempt), conclusionOf(world, attempt)) &&
    is('event', run.event) &&
    is('branch', run.ref.replace(/^refs\/(heads|tags)\//, '')) &&
    is('actor', run.actor.login) &&
    is('head_sha', run.sha) &&
    (created === null || isCreated(created, Date.parse(time(run.createdAt))))
  )
}

const FILTERS = ['status', 'event', 'branch', 'actor', 'head_sha', 'created']

/** Newest first. New runs are missing for a time, where the settings say so. */
function listRuns(call: Call, workflow?: Workflow): ApiResponse {
  const { listLagMs } = call.world.settings.undocumented
  const all = [...call.repository.runs.values()]
    .filter(run => workflow === undefined || run.workflow === workflow)
    .filter(run => call.world.now() - run.createdAt >= listLagMs && fits(call, run))
    .reverse()
  const isFiltered = FILTERS.some(name => call.query.has(name))
  const { items, headers } = page(call, isFiltered ? all.slice(0, MAX_FILTERED) : all)
  return ok({ total_count: all.length, workflow_runs: items.map(run => runView(call, run)) }, headers)
}

function listJobs(call: Call, run: Run, jobs: readonly Job[]): ApiResponse {
  const { items, headers } = page(call, jobs)
  return ok({ total_count: jobs.length, jobs: items.map(job => jobView(call, run, job)) }, headers)
}

function requireWorkflow(call: Call): Workflow {
  const workflow = findWorkflow(call.world, call.repository, call.param('workflow_id'))
  if (workflow === undefined) throw notFound()
  return workflow
}

export const runHandlers: Readonly<Record<string, Handler>> = {
  'actions/list-workflow-runs-for-repo': call => listRuns(call),
  'actions/list-workflow-runs': call => listRuns(call, requireWorkflow(call)),
  'actions/get-workflow-run': call => ok(runView(call, requireRun(call))),
  'actions/get-workflow-run-attempt': call => {
    const { run, attempt } = requireAttempt(call)
    return ok(runView(call, run, attempt))
  },
  'actions/list-jobs-for-workflow-run': call => {
    const run = requireRun(call)
    const all = call.query.get('filter') === 'all'
    const jobs = all ? new Set(run.attempts.flatMap(listedJobs)) : listedJobs(latestAttempt(run))
    return listJobs(call, run, [...jobs])
  },
  'actions/list-jobs-for-workflow-run-attempt': call => {
    const { run, attempt } = requireAttempt(call)
    return listJobs(call, run, listedJobs(attempt))
  },
  'actions/get-job-for-workflow-run': call => {
    const { run, job } = requireJob(call)
    return ok(jobView(call, run, job))
  },
  'actions/cancel-workflow-run': call => {
    const run = requireRun(call)
    if (statusOf(call.world, latestAttempt(run)) === 'completed') {
      throw new Refusal(409, 'Cannot cancel a workflow run that is completed.')
    }
    cancelRun(call.world, run)
    return { status: 202, body: {} }
  },
  'actions/delete-workflow-run': call => {
    const run = requireRun(call)
    // Reported, not documented.
    if (statusOf(call.world, latestAttempt(run)) !== 'completed')
      throw new Refusal(403, 'Could not delete the workflow run')
    call.repository.runs.delete(run.id)
    return { status: 204 }
  },
  'actions/list-repo-workflows': call => {
    const { repository } = call
    const head = repository.branches.get(repository.defaultBranch)
    const paths = head === undefined ? [] : workflowsAt(commitOf(repository, head)).map(([path]) => path)
    const all = paths.flatMap(path => findWorkflow(call.world, repository, path) ?? [])
    const { items, headers } = page(call, all)
    const workflows = items.map(one => workflowView(call, repository, one))
    return ok({ total_count: all.length, workflows }, headers)
  },
  'actions/get-workflow': call => ok(workflowView(call, call.repository, requireWorkflow(call)))
}
