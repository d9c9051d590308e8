import { runStep, type StepDefinition } from '@change-actions/github-actions'
import { deployedCommit, environmentSecrets } from '@change-actions/github-actions/input-sets'
import { inputs, rules } from './inputs.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'update-change',
  inputs,
  rules,
  secrets: environmentSecrets,
  runtime: deployedCommit,
  initialOutputs: { changed: 'false', transitions: '' },
  // Loaded when the inputs are right: a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "work" */ './run.ts')).run(step)
}

export function main(): Promise<void> {
  return runStep(definition)
}
