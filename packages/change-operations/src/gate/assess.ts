import { isAtOrBeyond, stateOf } from '@change-actions/change-control'
import { type Change, isClientProblem, type Problem } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { type ChangeProblem, changeProblem } from '../problems.ts'
import { type ConflictCheck, canConflict, checkConflicts } from './conflicts.ts'

/** What follows from a conflict. */
export type ConflictPolicy = 'ignore' | 'warn' | 'fail'

export interface Assessment {
  readonly evaluateRisk: boolean
  readonly checkConflicts: ConflictPolicy
}

/**
 * Risk and conflicts, before approval is requested and again before the work begins. People decide on the risk as it
 * is, so it is evaluated in New alone; conflicts may come up until the work begins.
 *
 * @returns the change, with its risk evaluated
 * @throws when conflicts are to fail, Problem `conflict`, or `conflict-unknown` when they cannot be told; where the
 *   instance refuses the detection, the problem of the client, with the outcome `conflict-unknown`
 */
export async function assess(
  context: OperationContext,
  change: Change,
  assessment: Assessment
): Promise<Change> {
  const { checkConflicts: policy } = assessment
  const state = stateOf(change.state)
  const rated = assessment.evaluateRisk && state === 'new' ? await evaluateRisk(context, change) : change
  if (policy === 'ignore' || isAtOrBeyond(state, 'implement')) return rated
  if (!canConflict(rated)) {
    if (policy === 'fail') throw unknown(rated, 'no-basis')
    context.emit({ type: 'conflicts-not-checked', change: rated })
    return rated
  }
  if (context.dryRun) {
    context.emit({ type: 'planned', write: { type: 'detect-conflicts', change } })
    return rated
  }
  const check = await detect(context, rated, policy)
  if (check !== undefined) judge(context, rated, check, policy)
  return rated
}

async function evaluateRisk(context: OperationContext, change: Change): Promise<Change> {
  if (!context.dryRun) return context.client.changes.evaluateRisk(change.sysId)
  context.emit({ type: 'planned', write: { type: 'evaluate-risk', change } })
  return change
}

/** Where conflicts are no more than a warning, so is that they could not be detected. */
async function detect(
  context: OperationContext,
  change: Change,
  policy: 'warn' | 'fail'
): Promise<ConflictCheck | undefined> {
  try {
    return await checkConflicts(context, change)
  } catch (problem) {
    if (!isClientProblem(problem)) throw problem
    if (policy === 'fail') throw (problem as Problem).with({}, { outcome: 'conflict-unknown' })
    context.emit({ type: 'conflicts-not-detected', change, problem })
    return undefined
  }
}

function unknown(change: Change, why: 'no-basis' | 'unfinished'): ChangeProblem {
  return changeProblem('conflict-unknown', change, { why }, { outcome: 'conflict-unknown' })
}

function judge(
  context: OperationContext,
  change: Change,
  check: ConflictCheck,
  policy: 'warn' | 'fail'
): void {
  if (check.kind === 'unfinished') {
    if (policy === 'fail') throw unknown(change, 'unfinished')
    context.emit({ type: 'conflicts-unfinished', change })
    return
  }
  const { conflicts } = check
  if (conflicts.length === 0) return
  if (policy === 'fail') throw changeProblem('conflict', change, { conflicts }, { outcome: 'conflict' })
  context.emit({ type: 'conflicts-found', change, conflicts })
}
