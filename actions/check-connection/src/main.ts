import { runStep, type StepDefinition } from '@change-actions/action-kit'
import { environmentSecrets } from '../../shared/src/connection.ts'
import { run } from './check-connection.ts'
import { inputs, rules } from './inputs.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'check-connection',
  inputs,
  rules,
  secrets: environmentSecrets,
  initialOutputs: { ok: 'false', report: '[]' },
  run
}

export function main(): Promise<void> {
  return runStep(definition)
}
