import type { Settings } from '../options.ts'
import { approverRules } from './approval-decisions.ts'
import { runAutoApprove, runCabApproval, runMoveToScheduled, runTechnicalApproval } from './approvals.ts'
import { AttachmentFiles } from './attachment-files.ts'
import { AddedRules } from './business-rules.ts'
import { changeRules, moveAfterLastTask } from './change-rules.ts'
import { changeTaskRules } from './change-tasks.ts'
import { runConflictCheck } from './conflicts.ts'
import type { Engine, Scripts } from './engine.ts'
import { incidentRules } from './incidents.ts'
import { Jobs } from './jobs.ts'
import { problemRules, problemTaskRules } from './problems.ts'
import { Store } from './store.ts'
import { runWorker } from './workers.ts'

/** An instance without data. Seed it or load a state file before use. */
export function createEngine(settings: Settings): Engine {
  const { stateFile, scripts } = settings
  const engine: Engine = {
    store: new Store(new AttachmentFiles(stateFile && `${stateFile}.attachments`)),
    settings,
    businessRules: new AddedRules(),
    rules: {
      change_request: changeRules,
      change_task: changeTaskRules(moveAfterLastTask),
      sysapproval_approver: approverRules,
      incident: incidentRules,
      problem: problemRules,
      problem_task: problemTaskRules
    },
    jobs: new Jobs(
      {
        'technical-approval': changeId => runTechnicalApproval(engine, changeId),
        'cab-approval': changeId => runCabApproval(engine, changeId),
        'auto-approve': changeId => runAutoApprove(engine, changeId),
        'move-to-scheduled': changeId => runMoveToScheduled(engine, changeId),
        'conflict-check': changeId => runConflictCheck(engine, changeId),
        worker: sysId => runWorker(engine, sysId),
        script: sysId => {
          engine.scripts?.runTrigger(sysId)
          return 'done'
        }
      },
      settings.after
    )
  }
  // The settings do not know the engine: its type names them.
  const start = scripts?.start as ((engine: Engine) => Scripts) | undefined
  return start ? Object.assign(engine, { scripts: start(engine) }) : engine
}
