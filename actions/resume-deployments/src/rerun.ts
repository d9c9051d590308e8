/** Runs whose job checked the change and found it not decided: the job is run again, and with it those that need it. */
import type { DecidedChange } from '@change-actions/change-operations'
import type { GitHub } from '@change-actions/github-actions/github'
import { latestJobs, type RunFacts, readRun, rerunJob } from '@change-actions/github-api'
import { type Latch, nameOf, type Result, type Writer } from './latch.ts'

/** Clocks of GitHub and ServiceNow may differ by so much: a job may look once more in vain. */
const SKEW_MS = 2 * 60_000

/** @param jobName of the job that checks */
export function rerun(github: GitHub, writer: Writer, jobName: string): Latch {
  return {
    letGo: async one => {
      const name = nameOf(one)
      const { runId } = one.binding
      const run = await github.send(() => readRun(github.octokit, name, runId))
      const reason = whyNot(run, one)
      if (reason !== undefined) return { kind: 'skipped', reason }
      const jobs = await github.send(() => latestJobs(github.octokit, name, runId))
      const job = jobs.find(each => each.name === jobName)
      if (job === undefined)
        return {
          kind: 'failed',
          reason: `its run has no job of the name ${jobName}, only ${jobs.map(each => each.name).join(', ')}`,
          fix: 'give `job` the name of the job that checks the change, as the page of the run shows it'
        }
      if (job.conclusion !== 'success')
        return { kind: 'skipped', reason: `the job ${jobName} did not succeed` }
      if (!jobs.some(each => each.conclusion === 'skipped'))
        return { kind: 'skipped', reason: 'no job of its run was skipped: it has deployed already' }
      return await again(github, writer, one, { jobId: job.id, attempt: run.attempt })
    }
  }
}

/** Why nothing is run again; undefined where it is. */
function whyNot(run: RunFacts, { change, updatedAt }: DecidedChange): string | undefined {
  if (run.status !== 'completed') return 'its run goes on'
  if (run.conclusion !== 'success') return `its run ended with ${run.conclusion ?? 'no conclusion'}`
  const news = Math.max(updatedAt, change.plannedStart ?? 0)
  return news < run.startedAt - SKEW_MS ? 'its job has looked since the change was written last' : undefined
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
      fix: 'give the token the permission actions: write; a run can be run again 50 times, within 30 days'
    }
  }
}
