import { runStep, type StepDefinition } from '@change-actions/action-kit'
import { deployedCommit } from '../../shared/src/commit.ts'
import { environmentSecrets } from '../../shared/src/connection.ts'
import { inputs, rules } from './inputs.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'wait-approval',
  inputs,
  rules,
  secrets: environmentSecrets,
  runtime: deployedCommit,
  // A step that dies before it knows must not leave a gate open.
  initialOutputs: { approved: 'false', outcome: 'error' },
  // Loaded when the inputs are right: a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "work" */ './wait-approval.ts')).run(step)
}

export function main(): Promise<void> {
  return runStep(definition)
}
