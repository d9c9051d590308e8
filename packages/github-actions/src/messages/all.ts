/** The texts of all problems, for the troubleshooting page and for tests. No step imports this. */
export { type Description, describeProblem, EXPLANATIONS, isDescribable } from './describe.ts'
export type { Explanation, Variant } from './explanation.ts'
