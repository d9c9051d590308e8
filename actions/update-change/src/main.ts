import { runStep, type StepDefinition } from '@change-actions/action-kit'
import { deployedCommit } from '../../shared/src/commit.ts'
import { environmentSecrets } from '../../shared/src/connection.ts'
import { inputs, rules } from './inputs.ts'
import { run } from './update-change.ts'

export const definition: StepDefinition<typeof inputs> = {
  name: 'update-change',
  inputs,
  rules,
  secrets: environmentSecrets,
  runtime: deployedCommit,
  initialOutputs: { changed: 'false', transitions: '' },
  run
}

export function main(): Promise<void> {
  return runStep(definition)
}
