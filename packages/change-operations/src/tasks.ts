import { type StateName, stateLabel } from '@change-actions/change-control'
import { type Change, type ChangeTask, type Scalar, ServiceNowError } from '@change-actions/servicenow-client'
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
    /** Told after each task that was closed. */
    onClosed?: () => void
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
  let left = open
  // Asked for once more where nothing happened: an answer of 200 is no proof that it was heard.
  for (let n = 0; n < 2 && left.length > 0; n += 1) {
    for (const task of left) {
      await closeTask(flow, change, task, about.closing)
      about.onClosed?.()
    }
    const still = new Set((await flow.client.changes.openTasks(change.sysId)).map(task => task.sysId))
    left = open.filter(task => still.has(task.sysId))
  }
  if (left.length > 0) throw tasksStuck(change, left)
  for (const task of open) flow.report.info(`Closed the task ${task.number} (${task.shortDescription}).`)
  return flow.client.changes.get(change.sysId)
}

async function closeTask(
  flow: Flow,
  change: Change,
  task: ChangeTask,
  closing: Readonly<Record<string, Scalar>>
): Promise<void> {
  const fields = { state: TASK_CLOSED, ...closing }
  const doing = `closing the change task ${task.number}`
  try {
    await flow.client.changes.updateTask(change.sysId, task.sysId, fields, doing)
  } catch (error) {
    // A rule that fails after the write refuses what was carried out: whether it was shows in the tasks.
    const doubtful = error instanceof ServiceNowError && error.mayHaveCommitted
    const open = doubtful ? await flow.client.changes.openTasks(change.sysId).catch(() => [task]) : [task]
    if (open.some(one => one.sysId === task.sysId)) throw error
  }
}

function tasksStuck(change: Change, stuck: readonly ChangeTask[]): ChangeError {
  const list = stuck.map(task => `${task.number} (${task.shortDescription})`).join(', ')
  return new ChangeError(
    `Change ${change.number}: open change tasks`,
    `The instance accepted the closing of ${list} and did not do it.\n` +
      'Likely cause: a business rule keeps the task open, or the account may not write it.\n' +
      'Fix: have the task closed, or give the service account write access to change_task.'
  )
}

function tasksOpen(change: Change, open: readonly ChangeTask[]): ChangeError {
  const list = open.map(task => `${task.number} (${task.shortDescription})`).join(', ')
  return new ChangeError(
    `Change ${change.number}: open change tasks`,
    `${open.length} change task${open.length === 1 ? ' is' : 's are'} open: ${list}. ` +
      `The change is not moved to ${stateLabel('closed')}.\nFix: have them closed, or set change-tasks: close.`
  )
}
