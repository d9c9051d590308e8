import { runStep, type StepDefinition } from '@change-actions/github-actions'
import {
  deployedCommit,
  environmentSecrets,
  createInputs as inputs,
  createRules as rules
} from '@change-actions/github-actions/input-sets'

export const definition: StepDefinition<typeof inputs> = {
  name: 'create-change',
  inputs,
  rules,
  secrets: environmentSecrets,
  runtime: deployedCommit,
  initialOutputs: { created: 'false', attachments: '[]' },
  // Loaded when the inputs are right: a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "work" */ './run.ts')).run(step)
}

export function main(): Promise<void> {
  return runStep(definition)
}
