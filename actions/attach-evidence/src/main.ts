import { runStep, type StepDefinition } from '@change-actions/github-actions'
import { inputs, rules } from './inputs.ts'

/** The step, ready to run. */
export const definition: StepDefinition<typeof inputs> = {
  name: 'attach-evidence',
  inputs,
  rules,
  initialOutputs: { attachments: '[]', 'attached-count': '0', 'skipped-count': '0' },
  // Loaded when the inputs are right: refusing a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "work" */ './run.ts')).run(step)
}

/** Runs the step, to its exit code. */
export function main(): Promise<void> {
  return runStep(definition)
}
