export { describeEvidence } from './describe.ts'
export type { Report } from './report.ts'
export { totalsOf, worstFirst } from './totals.ts'
