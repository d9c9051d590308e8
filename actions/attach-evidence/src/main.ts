import { runStep, type StepDefinition } from '@change-actions/github-actions'
import { environmentSecrets } from '@change-actions/github-actions/input-sets'
import { inputs, rules } from './inputs.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'attach-evidence',
  inputs,
  rules,
  secrets: environmentSecrets,
  initialOutputs: { attachments: '[]', 'attached-count': '0', 'skipped-count': '0' },
  // Loaded when the inputs are right: a wrong one costs less.
  run: async step => (await import(/* webpackChunkName: "work" */ './run.ts')).run(step)
}

export function main(): Promise<void> {
  return runStep(definition)
}
