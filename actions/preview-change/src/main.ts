import { runStep, type StepDefinition } from '@change-actions/github-actions'
import { inputs, rules } from './inputs.ts'
import { withoutSecrets } from './restricted.ts'

/** The step, ready to run. */
export const definition: StepDefinition<typeof inputs> = {
  name: 'preview-change',
  inputs,
  rules,
  initialOutputs: { preview: '{"environments":[]}', 'comment-url': '' },
  layers: async (given, tools) => withoutSecrets(given, tools) ?? { layers: [] },
  // Loaded when the inputs are right: refusing a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "preview" */ './run.ts')).run(step)
}

/** Runs the step, to its exit code. */
export function main(): Promise<void> {
  return runStep(definition)
}
