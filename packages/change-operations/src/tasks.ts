import type { StateName } from '@change-actions/change-control'
import { type Change, type ChangeTask, isClientProblem, type Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { type ChangeProblem, changeProblem } from './problems.ts'
import { isRefused } from './refusal.ts'

/** What happens to open change tasks before their change is closed. */
export type TaskPolicy = 'leave' | 'close' | 'fail'

const TASK_CLOSED = '3'
const MAX_ATTEMPTS = 2

/**
 * Deals with open tasks before a move towards Closed. Returns the very same change when there was nothing to
 * do, and the change as it is afterwards when tasks were closed.
 *
 * @throws Problem `open-tasks` when tasks are open and the policy is `fail`, or a task did not close
 */
export async function settleTasks(
  context: OperationContext,
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
  const { changes } = context.client
  // On many instances open tasks also block the move from Implement to Review; only `close` is to deal with these.
  const targets: readonly StateName[] = tasks === 'close' ? ['review', 'closed'] : ['closed']
  if (tasks === 'leave' || !targets.includes(target) || (next !== 'review' && next !== 'closed'))
    return change
  const open = await changes.openTasks(change.sysId)
  if (open.length === 0) return change
  if (tasks === 'fail') throw openTasks(change, open, false)
  let left = open
  // Sent once more where nothing happened: a response of 200 is no proof that it was carried out.
  for (let n = 0; n < MAX_ATTEMPTS && left.length > 0; n += 1) {
    for (const task of left) {
      await closeTask(context, change, task, about.closing)
      about.onClosed?.()
    }
    const still = new Set((await changes.openTasks(change.sysId)).map(task => task.sysId))
    left = open.filter(task => still.has(task.sysId))
  }
  if (left.length > 0) throw openTasks(change, left, true)
  for (const task of open) context.emit({ type: 'task-closed', change, task })
  return changes.get(change.sysId)
}

async function closeTask(
  context: OperationContext,
  change: Change,
  task: ChangeTask,
  closing: Readonly<Record<string, Scalar>>
): Promise<void> {
  const { changes } = context.client
  const fields = { state: TASK_CLOSED, ...closing }
  const operation = `closing the change task ${task.number}`
  try {
    await changes.updateTask(change.sysId, task.sysId, fields, operation)
  } catch (error) {
    // A rule that fails after the write refuses what was carried out, and others may have closed it just before: the
    // tasks show it.
    const doubtful = isRefused(error) || (isClientProblem(error) && error.committed === 'maybe')
    const open = doubtful ? await changes.openTasks(change.sysId).catch(() => [task]) : [task]
    if (open.some(one => one.sysId === task.sysId)) throw error
  }
}

function openTasks(change: Change, open: readonly ChangeTask[], stuck: boolean): ChangeProblem {
  const tasks = open.map(task => `${task.number} (${task.shortDescription})`)
  return changeProblem('open-tasks', change, { tasks, stuck }, { committed: stuck ? 'maybe' : 'no' })
}
