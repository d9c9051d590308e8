import { type Policy, SWITCH } from './policy.ts'

export type Control =
  /** Change-controlled; `values` by input name, the environment's own over the defaults, and where each is in the file. */
  | {
      readonly kind: 'controlled'
      readonly values: Readonly<Record<string, unknown>>
      readonly paths: Readonly<Record<string, readonly string[]>>
    }
  | { readonly kind: 'free' }
  | { readonly kind: 'error'; readonly text: string }

/**
 * Whether an environment is change-controlled, and the values the policy has for it. No policy or no environment
 * means change-controlled: a forgotten input must not open a gate.
 */
export function controlOf(policy: Policy | undefined, environment: string | undefined): Control {
  if (policy === undefined) return { kind: 'controlled', values: {}, paths: {} }
  const name = environment === undefined ? undefined : listedAs(policy, environment)
  if (environment !== undefined && name === undefined) {
    if (policy.unlisted === 'free') return { kind: 'free' }
    if (policy.unlisted === 'error') return { kind: 'error', text: unlistedText(policy, environment) }
  }
  const { [SWITCH]: controlled, ...own } = name === undefined ? {} : (policy.environments[name] ?? {})
  if (controlled === false) return { kind: 'free' }
  const entries = [
    ...given(policy.defaults).map(([key, value]) => ({ key, value, path: ['defaults', key] })),
    ...given(own).map(([key, value]) => ({ key, value, path: ['environments', name ?? '', key] }))
  ]
  return {
    kind: 'controlled',
    values: Object.fromEntries(entries.map(({ key, value }) => [key, value])),
    paths: Object.fromEntries(entries.map(({ key, path }) => [key, path]))
  }
}

/**
 * An environment as the policy spells it; undefined where it is not listed. GitHub treats upper and lower case alike;
 * `Production` must not be another environment than `production`.
 */
export function listedAs(policy: Policy, environment: string): string | undefined {
  const names = Object.keys(policy.environments)
  return names.find(name => name.toLowerCase() === environment.toLowerCase())
}

/** An empty text means "not given", in a file as in a workflow. */
function given(section: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(section).filter(([, value]) => value !== '')
}

function unlistedText(policy: Policy, environment: string): string {
  const names = Object.keys(policy.environments)
  const list = names.length === 0 ? 'it lists none' : `it lists ${names.join(', ')}`
  return `the environment "${environment}" is not listed (${list}); add it, or set \`unlisted: controlled\``
}
