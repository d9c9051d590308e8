/** Runs whose job checked the change and found it not decided: the job is run again, and with it those that need it. */
import type { DecidedChange } from '@change-actions/change-operations'
import type { GitHub } from '@change-actions/github-actions/github'
import { type JobFacts, latestJobs, type RunFacts, readRun, rerunJob } from '@change-actions/github-api'
import type { Asking } from './asking.ts'
import {
  isNews,
  isPastScheduled,
  type Latch,
  NOTHING,
  nameOf,
  nothingLeft,
  type Result,
  STILL_OPEN,
  type Writer
} from './latch.ts'

/** Clocks of GitHub and ServiceNow may differ by so much: a job may look once more in vain. */
const SKEW_MS = 2 * 60_000

/** GitHub runs nothing again that was created before, nor more often. */
const MAX_AGE_MS = 30 * 24 * 60 * 60_000
const MAX_RERUNS = 50

export interface RerunSettings {
  /** Name of the job that checks. */
  readonly job: string
  /** Whose runs ask. */
  readonly asking: Asking
  /** The repositories were named: each is expected to have the job. */
  readonly named: boolean
  /** Milliseconds between two runs of this step. */
  readonly intervalMs: number
  now(): number
  /** Epoch milliseconds, on the instance's clock. */
  clock(): number
}

export function rerun(github: GitHub, writer: Writer, settings: RerunSettings): Latch {
  /** How runs ended in which nothing waits, by id. */
  const failed = new Map<string, string>()
  return {
    explain: async one => ({
      kind: 'skipped',
      ...whyNothing(one, failed.get(one.binding.runId), settings.clock())
    }),
    letGo: async one => {
      const name = nameOf(one)
      const { runId } = one.binding
      const run = await github.send(() => readRun(github.octokit, name, runId))
      if (settings.asking.isOther(one, run)) return { kind: 'not-ours' }
      if (run.status === 'completed' && run.conclusion !== 'success') {
        failed.set(runId, run.conclusion ?? 'no conclusion')
        return { kind: 'nothing' }
      }
      const reason = whyNot(run, one)
      if (reason !== undefined) return { kind: 'skipped', reason }
      const { jobs, complete } = await github.send(() => latestJobs(github.octokit, name, runId))
      if (!complete)
        return {
          kind: 'skipped',
          warn: true,
          reason: `its run has more jobs than the ${jobs.length} that were read: run its job ${settings.job} again by hand`
        }
      const look = jobs.find(each => each.name === settings.job)
      if (look === undefined) return noJob(jobs, settings)
      const held = byJobs(one, run, { jobs, look }, settings) ?? overLimit(run, settings.now())
      return held ?? (await again(github, writer, one, { jobId: look.id, attempt: run.attempt }))
    }
  }
}

/** Why nothing is run again; undefined where it is. */
function whyNot(run: RunFacts, { change, updatedAt }: DecidedChange): string | undefined {
  if (run.status !== 'completed') return 'its run goes on'
  const news = Math.max(updatedAt, change.plannedStart ?? 0)
  return news < run.startedAt - SKEW_MS ? 'its job has looked since the change was written last' : undefined
}

/** A look that failed or was cancelled is followed by no other: a person has to start it again. */
function whyNothing(
  one: DecidedChange,
  conclusion: string | undefined,
  now: number
): { readonly reason: string; readonly warn?: boolean } {
  if (conclusion === undefined) return { reason: NOTHING }
  const ended = `its run ended with ${conclusion}`
  // What failed after its change had been moved on is the deployment itself, which says so.
  if (isPastScheduled(one) || !isNews(one, now)) return { reason: ended }
  return { warn: true, reason: nothingLeft(ended) }
}

/** Of all the repositories of an installation some use another latch. */
function noJob(jobs: readonly JobFacts[], { job, named }: RerunSettings): Result {
  const reason = `its run has no job of the name ${job}, only ${jobs.map(each => each.name).join(', ')}`
  if (!named) return { kind: 'skipped', reason }
  return {
    kind: 'failed',
    reason,
    fix: 'give `job` the name of the job that checks the change, as the page of the run shows it'
  }
}

/**
 * A job that began after the look may have deployed. While the change is Scheduled one that failed has not: it would have
 * moved it on.
 */
function byJobs(
  one: DecidedChange,
  run: RunFacts,
  { jobs, look }: { readonly jobs: readonly JobFacts[]; readonly look: JobFacts },
  { intervalMs, now }: RerunSettings
): Result | undefined {
  if (look.conclusion !== 'success')
    return { kind: 'skipped', reason: `the job ${look.name} did not succeed` }
  const lookedAt = look.completedAt ?? look.startedAt
  const later = jobs.filter(
    each => each !== look && each.conclusion !== 'skipped' && each.startedAt >= lookedAt
  )
  const isPast = isPastScheduled(one)
  const wentOn = later.find(each => isPast || each.conclusion === 'success')
  if (wentOn !== undefined) {
    const said = `its run went on after the job ${look.name}: the job ${wentOn.name} ran`
    // The change may have been closed since it was read.
    const isFresh = run.updatedAt > now() - 2 * intervalMs
    return isPast && !isFresh
      ? { kind: 'skipped', warn: true, reason: `${said}, and ${STILL_OPEN}` }
      : { kind: 'skipped', reason: said }
  }
  if (jobs.some(each => each.conclusion === 'skipped')) return undefined
  return { kind: 'skipped', reason: 'no job of its run was skipped: nothing waits for the change' }
}

/** Why GitHub would refuse. */
function overLimit({ createdAt, attempt }: RunFacts, now: number): Result | undefined {
  const why =
    now - createdAt > MAX_AGE_MS
      ? 'its run began over 30 days ago'
      : attempt > MAX_RERUNS
        ? `its run was run again ${MAX_RERUNS} times`
        : undefined
  if (why === undefined) return undefined
  return {
    kind: 'skipped',
    warn: true,
    reason: `${why}, and GitHub does not run it again: start a new run of its workflow`
  }
}

async function again(
  github: GitHub,
  writer: Writer,
  one: DecidedChange,
  of: { readonly jobId: number; readonly attempt: number }
): Promise<Result> {
  const name = nameOf(one)
  const isStarted = async () => {
    const run = await readRun(github.octokit, name, one.binding.runId)
    return run.attempt > of.attempt || run.status !== 'completed' ? true : undefined
  }
  try {
    await writer.write(() => rerunJob(github.octokit, name, of.jobId), isStarted)
    return { kind: 'done', environment: '' }
  } catch (error) {
    if (!github.isProblem(error) || error.code !== 'no-permission') throw error
    // GitHub gives the same status for a run that somebody else has started meanwhile.
    if ((await github.send(isStarted)) === true) return { kind: 'done', environment: '' }
    return {
      kind: 'failed',
      reason: `the job may not be run again: ${error.facts.message ?? error.code}`,
      fix: 'give the token the permission actions: write'
    }
  }
}
