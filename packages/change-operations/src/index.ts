export { recordActual } from './actual-times.ts'
export { type Attached, attachAll, type Evidence } from './attach.ts'
export { auditDeployments } from './audit/audit.ts'
export type {
  Audit,
  AuditedRepository,
  AuditQuestion,
  AuditRow,
  AuditSources,
  CommitAndEnvironment,
  RecordedDeployment
} from './audit/types.ts'
export {
  type BoundChange,
  type BoundChanges,
  type BoundQuestion,
  boundChanges,
  creatorsOf
} from './bound/bound-changes.ts'
export { type BoundRepository, isOfEnvironment } from './bound/repository-scopes.ts'
export {
  type CloseCodes,
  type CloseResult,
  closeCodeFor,
  closeResultOf,
  isEnded,
  resolveCloseCode
} from './close-code.ts'
export { settleAll } from './concurrency.ts'
export type { OperationContext } from './context.ts'
export { createChange } from './create/create.ts'
export { addNoteIfPossible } from './create/evidence-note.ts'
export type { Created, CreateHooks, CreateRequest, Resolved } from './create/request.ts'
export { resolveFields } from './create/resolve.ts'
export type { Deployment } from './deployment.ts'
export { bindingFor, closingLine, describeDeployment, type Facts, noteOf } from './deployment-texts.ts'
export * from './doors/index.ts'
export type { OperationEvent, PlannedWrite } from './events.ts'
export type { FileRefusal } from './file-refusal.ts'
export { type Acceptance, acceptNamed, acceptType } from './gate/accept.ts'
export {
  AFTER_JOB,
  type AfterJob,
  type AfterJobSettings,
  afterJobOf,
  jobResultOf,
  type LeftToDo,
  leftToDo,
  NOT_APPROVED,
  type NotApproved
} from './gate/after-job.ts'
export { type Assessment, assess, type ConflictPolicy } from './gate/assess.ts'
export { type Entry, enterImplement } from './gate/claim.ts'
export { type Claim, type ClaimRules, claimantOf, claimOf, type RecordedClaim } from './gate/claims.ts'
export { type ConflictCheck, checkConflicts } from './gate/conflicts.ts'
export { type Finish, type FinishSettings, finish } from './gate/finish.ts'
export type { GateDecision, GateFailure, GateState, Phase } from './gate/gate-state.ts'
export { endNote, endText, notDeployedNote, startText } from './gate/lifecycle-notes.ts'
export { type Moved, moveTo } from './move.ts'
export { type ChangeName, findByNumber, findNamed, findUsable } from './named-change.ts'
export { noteValue } from './note-value.ts'
export { addNote, hasNote, type Note, noteText } from './notes.ts'
export { bindingLine, type Identity } from './own/identity.ts'
export { type OwnNotes, readOwnNotes } from './own/own-notes.ts'
export { isOwnNamed } from './own/standing.ts'
export type { PreviewedName } from './preview/names.ts'
export type { OtherChanges } from './preview/other-changes.ts'
export { type ChangePreview, previewChange } from './preview/preview.ts'
export * from './problems.ts'
export {
  type DecidedChange,
  type DecidedChanges,
  type DecidedQuestion,
  decidedChanges
} from './resume/decided-changes.ts'
export { type NotedAlone, type NotedAloneQuestion, notedAlone } from './resume/noted-alone.ts'
export { usedBy } from './resume/used-by.ts'
export { withStates } from './states/with-states.ts'
export type { TaskPolicy } from './tasks.ts'
export { type Update, type Updated, updateChange } from './update.ts'
export { problemOfWait } from './wait/problem-of-wait.ts'
export type { Look, Progress, Wait, Waited } from './wait/types.ts'
export { lookOnce, waitForApproval } from './wait/wait.ts'
