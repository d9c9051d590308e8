import { type Policy, SWITCH } from './policy.ts'

export type Control =
  /** Change-controlled; `section` is the environment as the policy spells it, where it lists it. */
  | { readonly kind: 'controlled'; readonly section: string | undefined }
  | { readonly kind: 'free' }
  | { readonly kind: 'error'; readonly text: string }

/**
 * Whether an environment is change-controlled. No policy or no environment means change-controlled: a forgotten input
 * must not open a gate.
 */
export function controlOf(policy: Policy | undefined, environment: string | undefined): Control {
  if (policy === undefined) return { kind: 'controlled', section: undefined }
  const section = environment === undefined ? undefined : listedAs(policy, environment)
  if (environment !== undefined && section === undefined) {
    if (policy.unlisted === 'free') return { kind: 'free' }
    if (policy.unlisted === 'error') return { kind: 'error', text: unlistedText(policy, environment) }
  }
  const controlled = section === undefined ? undefined : policy.environments[section]?.[SWITCH]
  return controlled === false ? { kind: 'free' } : { kind: 'controlled', section }
}

/**
 * An environment as the policy spells it; undefined where it is not listed. GitHub treats upper and lower case alike;
 * `Production` must not be another environment than `production`.
 */
export function listedAs(policy: Policy, environment: string): string | undefined {
  const names = Object.keys(policy.environments)
  return names.find(name => name.toLowerCase() === environment.toLowerCase())
}

function unlistedText(policy: Policy, environment: string): string {
  const names = Object.keys(policy.environments)
  const list = names.length === 0 ? 'it lists none' : `it lists ${names.join(', ')}`
  return `the environment "${environment}" is not listed (${list}); add it, or set \`unlisted: controlled\``
}
