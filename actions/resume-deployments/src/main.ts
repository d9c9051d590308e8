import { runStep, type StepDefinition } from '@change-actions/github-actions'
import { inputs, rules } from './inputs.ts'

/** The step, ready to run. */
export const definition: StepDefinition<typeof inputs> = {
  name: 'resume-deployments',
  inputs,
  rules,
  // Loaded when the inputs are right: refusing a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "resume" */ './run.ts')).run(step)
}

/** Runs the step, to its exit code. */
export function main(): Promise<void> {
  return runStep(definition)
}
