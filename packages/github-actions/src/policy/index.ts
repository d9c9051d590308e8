/** Policy files: which environments need a change, and values for inputs. Loaded where a step works under one. */
export {
  type AppliedPolicy,
  applyPolicy,
  type OpenedPolicy,
  openPolicy,
  type PolicyRequest
} from './apply-policy.ts'
export { type PolicyFacts, policyName } from './facts.ts'
export { DEFAULT_POLICY_FILE } from './place.ts'
export { POLICY_KEYS, refusalOf } from './policy-keys.ts'
export { parsePolicyText } from './read-policy.ts'
export { freeText, policyOutput, policyText } from './texts.ts'
