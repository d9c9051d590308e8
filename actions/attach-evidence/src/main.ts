import { runStep, type StepDefinition } from '@change-actions/action-kit'
import { environmentSecrets } from '../../shared/src/connection.ts'
import { run } from './attach-evidence.ts'
import { inputs, rules } from './inputs.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'attach-evidence',
  inputs,
  rules,
  secrets: environmentSecrets,
  initialOutputs: { attachments: '[]', 'attached-count': '0', 'skipped-count': '0' },
  run
}

export function main(): Promise<void> {
  return runStep(definition)
}
