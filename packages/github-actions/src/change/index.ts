/** What a step does about a change: connection, the deployment, outputs and the report. Loaded once inputs are right. */

export { type BriefLinks, briefFor, briefLinks } from '../brief/brief.ts'
export { type Connection, type ConnectionSettings, connect } from '../connection/connect.ts'
export { signInName } from '../connection/credentials.ts'
export {
  differences,
  keptConnection,
  knownSecrets,
  otherInstance,
  withPemText
} from '../connection/kept-connection.ts'
export type { EvidenceFile } from '../files/types.ts'
export * from '../messages/index.ts'
export * from './approval.ts'
export * from './approval-proof.ts'
export * from './attachments.ts'
export { changeNameOf, changesOfJob, jobExporter } from './change-name.ts'
export { type Requester, toRequest } from './create-request.ts'
export { type DeploymentInputs, deploymentOf } from './deployment.ts'
export { isDispatchedFor } from './dispatched.ts'
export { toScalars } from './fields.ts'
export { claimRulesOf, type IdentityInputs, identityOf } from './identity.ts'
export { type MessageInputs, messageOfInputs, placeOf } from './message.ts'
export * from './outputs.ts'
export { reported, type StepReport } from './report.ts'
export { isRunCompleted } from './run-completed.ts'
export { failureOf, keptFailure } from './story/failure.ts'
export { decisionsOf, type SeenState, withState } from './story/story.ts'
export { endVerdict, verdictOf } from './story/verdict.ts'
