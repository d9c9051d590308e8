import * as z from 'zod/mini'

/** What happens to an environment that the policy does not list. */
export type Unlisted = 'controlled' | 'free' | 'error'

/** A policy file as read: input values by input name, still as YAML has them. */
export interface Policy {
  readonly unlisted: Unlisted
  readonly title: string
  readonly defaults: Readonly<Record<string, unknown>>
  readonly environments: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const DEFAULT_TITLE = 'Deploy "{repository}" version {version} to "{environment}"'

/** A mistake in a policy, and where it stands. */
export interface PolicyProblem {
  readonly path: readonly (string | number)[]
  readonly text: string
}

const SWITCH = 'change-controlled'

const value = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.unknown()),
  z.record(z.string(), z.unknown())
])

/**
 * The schema of the file, for validation and, as JSON Schema, for editors.
 *
 * @param inputs names of the inputs that may stand in it
 */
export function policySchema(inputs: readonly string[]) {
  const values = Object.fromEntries(inputs.map(name => [name, z.optional(value)]))
  const section = z.strictObject({ [SWITCH]: z.optional(z.boolean()), ...values })
  return z.strictObject({
    unlisted: z.optional(z.enum(['controlled', 'free', 'error'])),
    title: z.optional(z.string()),
    defaults: z.optional(z.strictObject(values)),
    environments: z.optional(z.record(z.string(), section))
  })
}

/**
 * Checks what a policy file holds. `forbidden` are inputs that exist and must not stand in a file (credentials).
 *
 * @returns the policy, or every problem with its path
 */
export function parsePolicy(
  content: unknown,
  inputs: readonly string[],
  forbidden: readonly string[]
): { policy: Policy } | { problems: readonly PolicyProblem[] } {
  const normal = normaliseKeys(content ?? {})
  const result = policySchema(inputs).safeParse(normal)
  const problems = result.success ? [] : result.error.issues.flatMap(issue => toProblems(issue, forbidden))
  const policy = {
    unlisted: 'error',
    title: DEFAULT_TITLE,
    defaults: {},
    environments: {},
    ...(normal as object)
  } as Policy
  if (typeof policy.title === 'string') problems.push(...titleProblems(policy.title))
  return problems.length > 0 ? { problems } : { policy }
}

/** Input names are understood in ServiceNow's spelling too. */
function normaliseKeys(content: unknown): unknown {
  if (!isMap(content)) return content
  const section = (map: unknown) =>
    isMap(map)
      ? Object.fromEntries(Object.entries(map).map(([key, one]) => [key.replaceAll('_', '-'), one]))
      : map
  const { defaults, environments } = content
  return {
    ...content,
    ...(defaults === undefined ? {} : { defaults: section(defaults) ?? {} }),
    ...(isMap(environments)
      ? {
          environments: Object.fromEntries(
            Object.entries(environments).map(([name, map]) => [name, section(map ?? {})])
          )
        }
      : {})
  }
}

function isMap(content: unknown): content is Record<string, unknown> {
  return typeof content === 'object' && content !== null && !Array.isArray(content)
}

type Issue = { readonly code: string; readonly path: readonly PropertyKey[]; readonly message: string }

function toProblems(issue: Issue, forbidden: readonly string[]): PolicyProblem[] {
  const path = issue.path.map(step => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys') {
    const { keys } = issue as Issue & { keys: readonly string[] }
    return keys.map(key => ({ path: [...path, key], text: unknownKey(key, forbidden) }))
  }
  const last = path.at(-1)
  if (last === 'unlisted') return [{ path, text: '`unlisted` must be `controlled`, `free` or `error`' }]
  if (last === SWITCH) return [{ path, text: `\`${SWITCH}\` must be true or false` }]
  if (path.length === 0) return [{ path, text: 'the file must be a YAML map' }]
  return [{ path, text: `\`${last}\` has a value of the wrong kind` }]
}

function unknownKey(key: string, forbidden: readonly string[]): string {
  if (forbidden.includes(key)) return `\`${key}\` must not stand in a file; give it as an input or a secret`
  return `\`${key}\` is not known here: the keys are the inputs of the action and \`${SWITCH}\``
}

const PLACEHOLDERS = ['repository', 'version', 'environment']

function titleProblems(title: string): PolicyProblem[] {
  const unknown = [...title.matchAll(/\{([^}]*)\}/g)]
    .map(([, name = '']) => name)
    .filter(name => !PLACEHOLDERS.includes(name))
  return unknown.map(name => ({
    path: ['title'],
    text: `\`title\` has {${name}}; it may have ${PLACEHOLDERS.map(one => `{${one}}`).join(', ')}`
  }))
}

/** The short description of a deployment's change. */
export function renderTitle(
  title: string,
  facts: { repository: string; version: string; environment: string }
): string {
  return title.replace(/\{(repository|version|environment)\}/g, (_, name: keyof typeof facts) => facts[name])
}

export type Control =
  /** Change-controlled; `values` by input name, the environment's own over the defaults. */
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
  const listed = environment !== undefined && Object.hasOwn(policy.environments, environment)
  const section = listed ? policy.environments[environment] : undefined
  if (environment !== undefined && section === undefined) {
    if (policy.unlisted === 'free') return { kind: 'free' }
    if (policy.unlisted === 'error') return { kind: 'error', text: unlistedText(policy, environment) }
  }
  const { [SWITCH]: controlled, ...own } = section ?? {}
  if (controlled === false) return { kind: 'free' }
  const fromDefaults = Object.keys(policy.defaults).map(name => [name, ['defaults', name]] as const)
  const fromSection = Object.keys(own).map(name => [name, ['environments', environment ?? '', name]] as const)
  return {
    kind: 'controlled',
    values: { ...policy.defaults, ...own },
    paths: Object.fromEntries([...fromDefaults, ...fromSection])
  }
}

function unlistedText(policy: Policy, environment: string): string {
  const names = Object.keys(policy.environments)
  const list = names.length === 0 ? 'it lists none' : `it lists ${names.join(', ')}`
  return `the environment "${environment}" is not listed (${list}); add it, or set \`unlisted: controlled\``
}

/** Inputs whose text is YAML itself. */
const YAML_INPUTS = ['fields', 'attachments']

/** A policy value as the text of an input: lists one item a line, or JSON (which is YAML) where YAML is read. */
export function inputText(name: string, content: unknown): string {
  if (Array.isArray(content) && !YAML_INPUTS.includes(name)) return content.map(String).join('\n')
  return typeof content === 'object' && content !== null ? JSON.stringify(content) : String(content)
}
