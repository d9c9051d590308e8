import type { Settings } from '../options.ts'
import { checkAnswer, followAnswer } from './approval-answers.ts'
import { runAutoApprove, runCabApproval, runMoveToScheduled, runTechnicalApproval } from './approvals.ts'
import { changeRules, moveAfterLastTask } from './change-rules.ts'
import { changeTaskRules } from './change-tasks.ts'
import { runConflictCheck } from './conflicts.ts'
import type { Engine, RecordRules } from './engine.ts'
import { Files } from './files.ts'
import { Jobs } from './jobs.ts'
import { Store } from './store.ts'

const approverRules: RecordRules = {
  before: (engine, { before, after, notes }) => {
    checkAnswer(engine, before, after, notes.comments ?? '')
    return after
  },
  after: (engine, { before, after }, actor) => {
    if (!before || before.state === after.state) return
    if (after.state === 'approved' || after.state === 'rejected')
      followAnswer(engine, after, after.state, actor)
  }
}

/** An instance without data: seed it or restore a snapshot before use. */
export function createEngine(settings: Settings): Engine {
  const { stateFile } = settings
  const engine: Engine = {
    store: new Store(new Files(stateFile && `${stateFile}.attachments`)),
    settings,
    rules: {
      change_request: changeRules,
      change_task: changeTaskRules(moveAfterLastTask),
      sysapproval_approver: approverRules
    },
    jobs: new Jobs({
      'technical-approval': changeId => runTechnicalApproval(engine, changeId),
      'cab-approval': changeId => runCabApproval(engine, changeId),
      'auto-approve': changeId => runAutoApprove(engine, changeId),
      'move-to-scheduled': changeId => runMoveToScheduled(engine, changeId),
      'conflict-check': changeId => runConflictCheck(engine, changeId)
    })
  }
  return engine
}
