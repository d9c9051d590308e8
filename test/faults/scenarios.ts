/** One scenario for each action and variant, over both APIs where that changes the requests. */
import { changeScenarios } from './change-scenarios.ts'
import { createScenarios, NAMES } from './create-scenarios.ts'
import { RUN_FLOW, SEND_EVENT } from './door-scenarios.ts'
import { GATE_MAIN, GATE_POST } from './gate-scenarios.ts'
import type { Scenario } from './scenario.ts'

export const SCENARIOS: readonly Scenario[] = [
  ...createScenarios('change-management'),
  ...changeScenarios('change-management'),
  GATE_MAIN,
  GATE_POST,
  ...createScenarios('table'),
  ...changeScenarios('table'),
  NAMES,
  RUN_FLOW,
  SEND_EVENT
]
