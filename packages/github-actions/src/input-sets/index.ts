/** Inputs that several actions have, with the rules across them. */
export { changeNameInputs, formatProblems, isNumber, nameProblems } from '../change/change-name.ts'
export { fieldsProblems } from '../change/fields.ts'
export { connectionInputs, connectionProblems, environmentSecrets } from '../connection/connection-inputs.ts'
export { commitInput, commitProblems, deployedCommit } from './commit.ts'
export { type CreateInputs, inputs as createInputs, rules as createRules } from './create.ts'
export { inputs as waitInputs, rules as waitRules, type WaitInputs } from './wait.ts'
