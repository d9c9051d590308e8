import { runStep, type StepDefinition } from '@change-actions/action-kit'
import { run } from './check-connection.ts'
import { inputs, rules } from './inputs.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'check-connection',
  inputs,
  rules,
  initialOutputs: { ok: 'false', report: '[]' },
  run
}

export function main(): Promise<void> {
  return runStep(definition)
}
