/** Policy files: which environments need a change, and values for inputs. Loaded where a step works under one. */
export {
  type AppliedPolicy,
  applyPolicy,
  DEFAULT_POLICY_FILE,
  type PolicyRequest,
  policyText
} from './apply-policy.ts'
export { policyCommit } from './commit.ts'
export type { PolicyFacts } from './facts.ts'
export { type PolicyKeys, policyKeys } from './policy-inputs.ts'
