import { runStep } from '@change-actions/action-kit'
import { definition } from './definition.ts'

await runStep(definition)
