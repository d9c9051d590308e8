import { type Actor, SYSTEM } from './actor.ts'
import { utc } from './dates.ts'
import type { Engine, RecordRules } from './engine.ts'
import { insertRecord, patchRecord } from './records.ts'
import type { Row, Values } from './store.ts'

/** Task states differ from those of the change: -5 Pending, 1 Open, 2 In progress, 3 Closed, 4 Canceled. */
const DONE = ['3', '4']

const STOCK_TASKS = [
  { short_description: 'Implement', change_task_type: 'implementation' },
  { short_description: 'Post implementation testing', change_task_type: 'testing' }
]

export function tasksOf(engine: Engine, changeId: string): Row[] {
  return engine.store.rows('change_task').filter(task => task.parent === changeId)
}

export function hasOpenTasks(engine: Engine, changeId: string): boolean {
  return tasksOf(engine, changeId).some(task => !DONE.includes(task.state ?? ''))
}

/** The tasks a stock instance plans when work begins. */
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

/** A cancelled change takes its open tasks with it. */
export function cancelTasks(engine: Engine, changeId: string): void {
  for (const task of tasksOf(engine, changeId)) {
    if (DONE.includes(task.state ?? '')) continue
    patchRecord(engine, 'change_task', task.sys_id, { state: '4', active: 'false' })
  }
}

/** A hold on the change holds its open tasks too. */
export function holdTasks(engine: Engine, change: Row): void {
  for (const task of tasksOf(engine, change.sys_id)) {
    if (DONE.includes(task.state ?? '')) continue
    const hold = { on_hold: change.on_hold ?? '', on_hold_reason: change.on_hold_reason ?? '' }
    patchRecord(engine, 'change_task', task.sys_id, hold)
  }
}

/** @param moved called when the last open task of a change was closed */
export function changeTaskRules(moved: (engine: Engine, changeId: string) => void): RecordRules {
  return {
    defaults: (engine: Engine, actor: Actor): Values => ({
      state: '1',
      active: 'true',
      change_task_type: 'planning',
      created_from: 'manual',
      on_hold: 'false',
      opened_by: actor.sysId,
      opened_at: utc(engine.settings.now()),
      sys_class_name: 'change_task'
    }),
    before: (engine, { before, after }, actor) => {
      const parent = after.parent || after.change_request || ''
      const done = DONE.includes(after.state ?? '')
      const justDone = done && !DONE.includes(before?.state ?? '')
      return {
        ...after,
        parent,
        change_request: parent,
        active: String(!done),
        ...(justDone && { closed_at: utc(engine.settings.now()), closed_by: actor.sysId })
      }
    },
    after: (engine, { before, after }) => {
      const justDone = DONE.includes(after.state ?? '') && !DONE.includes(before?.state ?? '')
      const changeId = after.parent ?? ''
      if (justDone && changeId !== '' && !hasOpenTasks(engine, changeId)) moved(engine, changeId)
    }
  }
}
