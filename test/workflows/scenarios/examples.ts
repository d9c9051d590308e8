import type { Scenario } from '../scenario.ts'
import { FLOWS } from './examples-flows.ts'
import { GATES } from './examples-gate.ts'
import { JOBS_AND_RUNS } from './examples-jobs.ts'
import { PATTERNS } from './examples-patterns.ts'
import { RUNNERS } from './examples-runners.ts'

/** Every example, pasted alone into an empty repository. */
export const EXAMPLES: readonly Scenario[] = [...PATTERNS, ...FLOWS, ...GATES, ...JOBS_AND_RUNS, ...RUNNERS]
