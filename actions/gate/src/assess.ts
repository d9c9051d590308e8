import { isAtOrBeyond, stateOf } from '@change-actions/change-control'
import { ChangeError, type ConflictCheck, checkConflicts, type Flow } from '@change-actions/change-operations'
import { oneLine } from '@change-actions/github-actions'
import { type Change, ServiceNowError } from '@change-actions/servicenow-client'
import type { GateInputs } from './inputs.ts'

type Wishes = Pick<GateInputs, 'evaluateRisk' | 'checkConflicts'>

/**
 * Risk and conflicts, before anybody is asked to approve. People decide on the risk as it is, so it is evaluated in
 * New alone; conflicts may come up until the work begins.
 *
 * @returns the change, with its risk evaluated
 * @throws ChangeError `conflict`, or `error` when `fail` is wanted and the instance gives no report
 */
export async function assess(flow: Flow, change: Change, wishes: Wishes): Promise<Change> {
  const state = stateOf(change.state)
  const rated = wishes.evaluateRisk && state === 'new' ? await evaluateRisk(flow, change) : change
  if (wishes.checkConflicts === 'ignore' || isAtOrBeyond(state, 'implement')) return rated
  if (flow.dryRun) {
    flow.report.plan(`run conflict detection for ${change.number}`)
    return rated
  }
  const check = await detect(flow, rated, wishes.checkConflicts)
  if (check !== undefined) judge(flow, rated, check, wishes.checkConflicts)
  return rated
}

async function evaluateRisk(flow: Flow, change: Change): Promise<Change> {
  if (!flow.dryRun) return flow.client.changes.evaluateRisk(change.sysId)
  flow.report.plan(`evaluate the risk of ${change.number}`)
  return change
}

/** Who only wants to be warned is warned that it could not be told. */
async function detect(flow: Flow, change: Change, wish: 'warn' | 'fail'): Promise<ConflictCheck | undefined> {
  try {
    return await checkConflicts(flow, change)
  } catch (error) {
    if (wish === 'fail' || !(error instanceof ServiceNowError)) throw error
    flow.report.warning(`${change.number}: conflicts could not be detected (${error.title}).`)
    return undefined
  }
}

function judge(flow: Flow, change: Change, check: ConflictCheck, wish: 'warn' | 'fail'): void {
  if (check.kind === 'no-basis') {
    flow.report.notice(
      `${change.number}: conflicts were not checked: that needs a CI and a planned start and end.`
    )
    return
  }
  const text = check.kind === 'unfinished' ? UNFINISHED : conflictText(check.conflicts)
  if (text === undefined) return
  if (wish === 'warn') {
    flow.report.warning(`${change.number} ${text}.`)
    return
  }
  const outcome = check.kind === 'unfinished' ? 'error' : 'conflict'
  const fix =
    check.kind === 'unfinished'
      ? 'run the job again, or set check-conflicts: warn'
      : 'plan another window, or have the conflict resolved'
  throw new ChangeError(
    `Change ${change.number}: ${outcome}`,
    `${change.number} ${text}.\nFix: ${fix}.`,
    undefined,
    outcome
  )
}

const UNFINISHED = 'has no report of its conflict detection within a minute'
const MOST_NAMED = 10

function conflictText(conflicts: readonly { change: string; type: string }[]): string | undefined {
  if (conflicts.length === 0) return undefined
  const named = conflicts
    .slice(0, MOST_NAMED)
    .map(one => `${oneLine(one.change, 100)} (${oneLine(one.type, 100)})`)
    .join(', ')
  const more = conflicts.length > MOST_NAMED ? ` and ${conflicts.length - MOST_NAMED} more` : ''
  return `conflicts with ${named}${more}`
}
