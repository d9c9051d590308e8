/** Outputs and summary. */
import { link, markdown, oneLine, type Step } from '@change-actions/github-actions'
import type { StepReport } from '@change-actions/github-actions/change'
import type { Entry } from './decisions.ts'
import type { ResumeInputs } from './inputs.ts'

/** Lines of the table in the summary; all of them are in the log. */
const MAX_LINES = 200

const MAX_TEXT = 300

/** What was done; what waits is {@link writeBacklog}. */
export function writeReport(
  { outputs, inputs, runtime }: Step<ResumeInputs>,
  report: StepReport,
  entries: readonly Entry[]
): void {
  const done = ['resumed', 'rejected', 'skipped', 'failed'] as const
  for (const decision of done) outputs.set(decision, count(entries, decision))
  outputs.set('decisions', entries.map(decisionOf))
  const counts = ['resumed', 'rejected', 'waiting', 'skipped', 'failed'] as const
  const words = counts.map(decision => `${count(entries, decision)} ${decision}`).join(', ')
  report.story.verdict = `${inputs.dryRun ? 'dry run, ' : ''}${words}`
  if (entries.length === 0) return
  report.sections.push(summary => {
    summary.table(
      ['Change', 'Repository', 'Run', 'Decision', 'Reason'],
      entries.slice(0, MAX_LINES).map(({ one, decision, reason, environment }) => {
        const { repository } = one.repository
        const { runId } = one.binding
        return [
          markdown(one.change.number),
          markdown(environment === '' ? repository : `${repository} (${oneLine(environment, 100)})`),
          link(runId, `${runtime.serverUrl}/${repository}/actions/runs/${runId}`),
          decision,
          markdown(oneLine(reason, MAX_TEXT))
        ]
      })
    )
    if (entries.length > MAX_LINES)
      summary.line(`${entries.length - MAX_LINES} further lines are in the log.`)
  })
}

/**
 * The approved changes whose deployment is not let go: also those at which GitHub could not be asked, or refused.
 *
 * @param now epoch milliseconds, on the instance's clock
 */
export function writeBacklog(
  { outputs }: Step<ResumeInputs>,
  report: StepReport,
  entries: readonly Entry[],
  now: number
): void {
  const waiting = entries.filter(one => one.decision === 'waiting' || one.stillDue === true)
  // A change may have an entry for each run that uses it.
  const number = new Set(waiting.map(({ one }) => one.change.sysId)).size
  const oldestSeconds = oldestOf(waiting, now)
  outputs.set('waiting', number)
  outputs.set('oldest-waiting-seconds', oldestSeconds)
  report.backlog = { count: number, oldestSeconds }
}

function count(entries: readonly Entry[], decision: Entry['decision']): number {
  return entries.filter(one => one.decision === decision).length
}

function decisionOf({ one, decision, reason, environment }: Entry): object {
  return {
    change: one.change.number,
    repository: one.repository.repository,
    'run-id': one.binding.runId,
    environment,
    decision,
    reason
  }
}

/** Since its last update; 0 where none waits. */
function oldestOf(waiting: readonly Entry[], now: number): number {
  const ages = waiting
    .filter(({ one }) => one.updatedAt > 0)
    .map(({ one }) => Math.floor((now - one.updatedAt) / 1000))
  return Math.max(0, ...ages)
}
