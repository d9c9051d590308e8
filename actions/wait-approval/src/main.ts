import { runStep, type StepDefinition } from '@change-actions/action-kit'
import { deployedCommit } from '../../shared/src/commit.ts'
import { environmentSecrets } from '../../shared/src/connection.ts'
import { inputs, rules } from './inputs.ts'
import { run } from './wait-approval.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'wait-approval',
  inputs,
  rules,
  secrets: environmentSecrets,
  runtime: deployedCommit,
  // A step that dies before it knows must not leave a gate open.
  initialOutputs: { approved: 'false', outcome: 'error' },
  run
}

export function main(): Promise<void> {
  return runStep(definition)
}
