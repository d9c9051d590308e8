import { runStep, type StepDefinition } from '@change-actions/github-actions'
import {
  deployedCommit,
  environmentSecrets,
  waitInputs as inputs,
  waitRules as rules
} from '@change-actions/github-actions/input-sets'

export const definition: StepDefinition<typeof inputs> = {
  name: 'wait-approval',
  inputs,
  rules,
  secrets: environmentSecrets,
  runtime: deployedCommit,
  // A step that dies before it knows must not leave a gate open.
  initialOutputs: { approved: 'false', outcome: 'error' },
  // Loaded when the inputs are right: a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "work" */ './run.ts')).run(step)
}

export function main(): Promise<void> {
  return runStep(definition)
}
