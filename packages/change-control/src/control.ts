import type { Policy } from './policy.ts'
import { environmentKey } from './policy-keys.ts'
import { withoutQuotes, wordOrQuoted } from './quotation.ts'

/** Why no change is needed: by the repository's own switch, by the environment's, or because it is not listed. */
export type FreedBy = 'top' | 'environment' | 'unlisted'

/** `section` is the environment as the policy spells it, where it lists it. */
export type Control =
  | { readonly kind: 'controlled'; readonly section: string | undefined }
  | { readonly kind: 'free'; readonly section: string | undefined; readonly by: FreedBy }
  | { readonly kind: 'error'; readonly text: string }

/**
 * Whether an environment is change-controlled. No policy or no environment means change-controlled, unless the
 * repository as a whole is not: a forgotten input must not open a gate.
 */
export function controlOf(policy: Policy | undefined, environment: string | undefined): Control {
  if (policy === undefined) return { kind: 'controlled', section: undefined }
  const section = environment === undefined ? undefined : listedAs(policy, environment)
  if (!policy.controlled) return { kind: 'free', section, by: 'top' }
  if (environment === undefined) return { kind: 'controlled', section: undefined }
  if (section !== undefined) {
    const controlled = policy.environments[section]?.controlled !== false
    return controlled ? { kind: 'controlled', section } : { kind: 'free', section, by: 'environment' }
  }
  if (policy.unlisted === 'free') return { kind: 'free', section, by: 'unlisted' }
  if (policy.unlisted === 'controlled') return { kind: 'controlled', section }
  return { kind: 'error', text: unlistedText(policy, environment) }
}

/** An environment as the policy spells it; undefined where it is not listed. */
export function listedAs(policy: Policy, environment: string): string | undefined {
  return Object.keys(policy.environments).find(name => environmentKey(name) === environmentKey(environment))
}

function unlistedText(policy: Policy, environment: string): string {
  const names = Object.keys(policy.environments)
  const list = names.length === 0 ? 'it lists none' : `it lists ${names.map(wordOrQuoted).join(', ')}`
  return `the environment "${withoutQuotes(environment)}" is not listed (${list}); add it, or set \`unlisted: controlled\``
}
