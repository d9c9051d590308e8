import type { Scenario } from '../scenario.ts'
import { CHANGE_CONTROLLED_DEPLOY } from './change-controlled-deploy.ts'
import { DEPLOY_WITH_EVIDENCE } from './deploy-with-evidence.ts'
import { EMERGENCY_PATCH } from './emergency-patch.ts'
import { EXAMPLES } from './examples.ts'
import { ROLLBACK } from './rollback.ts'
import { STANDARD_DEPLOY } from './standard-deploy.ts'

export const SCENARIOS: readonly Scenario[] = [
  ...CHANGE_CONTROLLED_DEPLOY,
  ...STANDARD_DEPLOY,
  ...DEPLOY_WITH_EVIDENCE,
  ...ROLLBACK,
  ...EMERGENCY_PATCH,
  ...EXAMPLES
]
