import { type StateName, stateLabel } from '@change-actions/change-control'
import type { Change, ChangeTask, Scalar } from '@change-actions/servicenow-client'
import { ChangeError, type Flow } from './flow.ts'

/** What happens to open change tasks before their change is closed. */
export type TaskPolicy = 'leave' | 'close' | 'fail'

const TASK_CLOSED = '3'

/**
 * Deals with open tasks before a move towards Closed. Returns the very same change when there was nothing to
 * do, and the change as it is afterwards when tasks were closed.
 *
 * @throws ChangeError when tasks are open and the policy is `fail`
 */
export async function settleTasks(
  flow: Flow,
  about: {
    change: Change
    next: StateName
    target: StateName
    tasks: TaskPolicy
    closing: Readonly<Record<string, Scalar>>
  }
): Promise<Change> {
  const { change, next, target, tasks } = about
  // On many instances open tasks also stand between Implement and Review; only `close` was asked to deal with these.
  const targets: readonly StateName[] = tasks === 'close' ? ['review', 'closed'] : ['closed']
  if (tasks === 'leave' || !targets.includes(target) || (next !== 'review' && next !== 'closed'))
    return change
  const open = await flow.client.changes.openTasks(change.sysId)
  if (open.length === 0) return change
  if (tasks === 'fail') throw tasksOpen(change, open)
  for (const task of open) await closeTask(flow, change, task, about.closing)
  return flow.client.changes.get(change.sysId)
}

async function closeTask(
  flow: Flow,
  change: Change,
  task: ChangeTask,
  closing: Readonly<Record<string, Scalar>>
): Promise<void> {
  const fields = { state: TASK_CLOSED, ...closing }
  await flow.client.changes.updateTask(
    change.sysId,
    task.sysId,
    fields,
    `closing the change task ${task.number}`
  )
  flow.report.info(`Closed the task ${task.number} (${task.shortDescription}).`)
}

function tasksOpen(change: Change, open: readonly ChangeTask[]): ChangeError {
  const list = open.map(task => `${task.number} (${task.shortDescription})`).join(', ')
  return new ChangeError(
    `Change ${change.number}: open change tasks`,
    `${open.length} change task${open.length === 1 ? ' is' : 's are'} open: ${list}. ` +
      `The change is not moved to ${stateLabel('closed')}.\nFix: have them closed, or set change-tasks: close.`
  )
}
