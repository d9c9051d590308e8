import { type Actor, SYSTEM } from './actor.ts'
import { utc } from './dates.ts'
import type { Engine, RecordRules } from './engine.ts'
import { insertRecord, updateWithoutRules } from './records.ts'
import type { Row, Values } from './store.ts'
import { taskDefaults } from './task-defaults.ts'

/**
 * Closed and Canceled. The states of a task are not those of a change: -5 Pending, 1 Open, 2 In Progress, 3 Closed,
 * 4 Canceled.
 */
const ENDED_STATES = ['3', '4']

const STOCK_TASKS = [
  { short_description: 'Implement', change_task_type: 'implementation' },
  { short_description: 'Post implementation testing', change_task_type: 'testing' }
]

function hasEnded(task: Row | undefined): boolean {
  return ENDED_STATES.includes(task?.state ?? '')
}

function openTasks(engine: Engine, changeId: string): Row[] {
  return engine.store.rows('change_task').filter(task => task.parent === changeId && !hasEnded(task))
}

export function hasOpenTasks(engine: Engine, changeId: string): boolean {
  return openTasks(engine, changeId).length > 0
}

/** Creates the two tasks that a stock instance creates when a change enters Implement. */
export function createStockTasks(engine: Engine, change: Row): void {
  for (const task of STOCK_TASKS) {
    insertRecord(engine, SYSTEM, 'change_task', {
      ...task,
      parent: change.sys_id,
      created_from: 'workflow',
      assignment_group: change.assignment_group ?? '',
      cmdb_ci: change.cmdb_ci ?? ''
    })
  }
}

/** Cancels the open tasks of a change. */
export function cancelTasks(engine: Engine, changeId: string): void {
  for (const task of openTasks(engine, changeId)) {
    updateWithoutRules(engine, 'change_task', task.sys_id, { state: '4', active: 'false' })
  }
}

/** Copies the hold of a change to its open tasks. */
export function holdTasks(engine: Engine, change: Row): void {
  const hold = { on_hold: change.on_hold ?? '', on_hold_reason: change.on_hold_reason ?? '' }
  for (const task of openTasks(engine, change.sys_id)) {
    updateWithoutRules(engine, 'change_task', task.sys_id, hold)
  }
}

/**
 * The business rules of change tasks.
 * @param lastTaskEnded called when the last open task of a change was closed or cancelled
 */
export function changeTaskRules(lastTaskEnded: (engine: Engine, changeId: string) => void): RecordRules {
  return {
    defaults: (engine: Engine, actor: Actor): Values => ({
      ...taskDefaults(engine, actor, 'change_task'),
      state: '1',
      change_task_type: 'planning',
      created_from: 'manual',
      on_hold: 'false'
    }),
    beforeWrite: (engine, { before, after }, actor) => {
      const parent = after.parent || after.change_request || ''
      const justEnded = hasEnded(after) && !hasEnded(before)
      return {
        ...after,
        parent,
        change_request: parent,
        task_effective_number: after.number ?? '',
        active: String(!hasEnded(after)),
        ...(justEnded && { closed_at: utc(engine.settings.now()), closed_by: actor.sysId })
      }
    },
    afterWrite: (engine, { before, after }) => {
      const justEnded = hasEnded(after) && !hasEnded(before)
      const changeId = after.parent ?? ''
      if (justEnded && changeId !== '' && !hasOpenTasks(engine, changeId)) lastTaskEnded(engine, changeId)
    }
  }
}
