/** The definition of each action. */
import { definition as attachEvidence } from '../../actions/attach-evidence/src/main.ts'
import { definition as auditDeployments } from '../../actions/audit-deployments/src/main.ts'
import { definition as checkConnection } from '../../actions/check-connection/src/main.ts'
import { definition as createChange } from '../../actions/create-change/src/main.ts'
import { definition as gate } from '../../actions/gate/src/main.ts'
import { definition as previewChange } from '../../actions/preview-change/src/main.ts'
import { definition as resumeDeployments } from '../../actions/resume-deployments/src/main.ts'
import { definition as runFlow } from '../../actions/run-flow/src/main.ts'
import { definition as sandbox } from '../../actions/sandbox/src/main.ts'
import { definition as sendEvent } from '../../actions/send-event/src/main.ts'
import { definition as updateChange } from '../../actions/update-change/src/main.ts'
import { definition as waitApproval } from '../../actions/wait-approval/src/main.ts'

export const DEFINITIONS = {
  'create-change': createChange,
  'wait-approval': waitApproval,
  'update-change': updateChange,
  'attach-evidence': attachEvidence,
  'check-connection': checkConnection,
  'audit-deployments': auditDeployments,
  'resume-deployments': resumeDeployments,
  'run-flow': runFlow,
  'send-event': sendEvent,
  'preview-change': previewChange,
  gate,
  sandbox
}
