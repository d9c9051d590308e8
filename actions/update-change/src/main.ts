import { layersOfEnvironment, runStep, type StepDefinition } from '@change-actions/github-actions'
import { statedCommit } from '@change-actions/github-actions/input-sets'
import { derived, inputs, rules } from './inputs.ts'

/** The step, ready to run. */
export const definition: StepDefinition<typeof inputs> = {
  name: 'update-change',
  inputs,
  derived,
  rules,
  layers: layersOfEnvironment(inputs),
  runtime: statedCommit,
  initialOutputs: { changed: 'false', transitions: '' },
  // Loaded when the inputs are right: refusing a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "work" */ './run.ts')).run(step)
}

/** Runs the step, to its exit code. */
export function main(): Promise<void> {
  return runStep(definition)
}
