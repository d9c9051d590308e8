/** Inputs that several actions have, with the rules across them. An action composes its own from these. */
export { fieldsProblems } from '../change/fields.ts'
export { changeNameInputs, changeNameProblems } from './change-name.ts'
export {
  artifactInputs,
  commitInputs,
  commitProblems,
  deployedCommit,
  statedCommit,
  statedCommitInputs,
  statedCommitProblems
} from './commit.ts'
export { connectionInputs, connectionProblems } from './connection.ts'
export { type CreateInputs, createInputs } from './create.ts'
export { createProblems, derivedKind, isSupplied } from './create-problems.ts'
export { credentialInputs } from './credentials.ts'
export {
  checkedDoorProblems,
  deliveryProblems,
  doorPlaceProblems,
  eventProblems,
  flowDoorProblems
} from './door-problems.ts'
export { checkedDoorInputs, deliveryInputs, doorPlaceInputs } from './doors.ts'
export { derivedIdentityProblems } from './identity-problems.ts'
export { briefInput, lifecycleNotesInput } from './lifecycle-notes.ts'
export {
  claimInputs,
  environmentInputs,
  foreignInputs,
  ownershipInputs,
  ownershipProblems
} from './ownership.ts'
export { githubTokenInput, policyInputs } from './policy.ts'
export { LATCHES, type LatchName, repositoriesInputs, repositoriesProblems } from './repositories.ts'
export { type LifeCycleValues, lifeCycleInputs, listProblems, listsOf, mapOf, statesInput } from './states.ts'
export { approverProblems, type WaitInputs, waitInputs, waitProblems } from './wait.ts'
