import { runStep, type StepDefinition } from '@change-actions/action-kit'
import { deployedCommit } from '../../shared/src/commit.ts'
import { environmentSecrets } from '../../shared/src/connection.ts'
import { run } from './create-change.ts'
import { inputs, rules } from './inputs.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'create-change',
  inputs,
  rules,
  secrets: environmentSecrets,
  runtime: deployedCommit,
  initialOutputs: { created: 'false', attachments: '[]' },
  run
}

export function main(): Promise<void> {
  return runStep(definition)
}
