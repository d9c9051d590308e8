import { runStep, type StepDefinition } from '@change-actions/action-kit'
import { deployedCommit } from '../../shared/src/commit.ts'
import { environmentSecrets } from '../../shared/src/connection.ts'
import { inputs, rules } from './inputs.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'create-change',
  inputs,
  rules,
  secrets: environmentSecrets,
  runtime: deployedCommit,
  initialOutputs: { created: 'false', attachments: '[]' },
  // Loaded when the inputs are right: a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "work" */ './create-change.ts')).run(step)
}

export function main(): Promise<void> {
  return runStep(definition)
}
