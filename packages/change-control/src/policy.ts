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

/** The key of an environment's section that says whether it is change-controlled; not an input. */
export const SWITCH = 'change-controlled'

/** The shape an input's value has in YAML: one value, several (or their text), a list, a map. */
export type ValueKind = 'value' | 'values' | 'list' | 'map'

/** The inputs that a policy may hold, by name. */
export type PolicyInputs = Readonly<Record<string, ValueKind>>

/** A mistake in a policy, and where it is; `path` is in the file's own spelling. */
export interface PolicyProblem {
  readonly path: readonly (string | number)[]
  readonly text: string
  /** The key, where it is not known: the front suggests one with a similar name. */
  readonly unknown?: string
}

const single = z.union([z.string(), z.number(), z.boolean()])

/** A list or map may also be YAML text, copied from a workflow. */
const KINDS = {
  value: single,
  values: z.union([single, z.array(single)]),
  list: z.union([z.string(), z.array(z.unknown())]),
  map: z.union([z.string(), z.record(z.string(), z.unknown())])
} as const satisfies Record<ValueKind, unknown>

const WORDS: Readonly<Record<ValueKind, string>> = {
  value: 'a single value',
  values: 'a single value or a list of them',
  list: 'a list',
  map: 'a map'
}

/** The schema of the file, for validation and, as JSON Schema, for editors. */
export function policySchema(inputs: PolicyInputs) {
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, kind]) => [name, z.optional(KINDS[kind])])
  )
  const section = z.strictObject({ [SWITCH]: z.optional(z.boolean()), ...values })
  return z.strictObject({
    unlisted: z.optional(z.enum(['controlled', 'free', 'error'])),
    title: z.optional(z.string()),
    defaults: z.optional(z.strictObject(values)),
    environments: z.optional(z.record(z.string(), section))
  })
}

/**
 * Checks what a policy file holds.
 *
 * @param refused keys that are inputs and must not be in a file, with the reason
 * @returns the policy, its keys in the inputs' spelling; or every problem with its path
 */
export function parsePolicy(
  content: unknown,
  inputs: PolicyInputs,
  refused: Readonly<Record<string, string>>
): { policy: Policy } | { problems: readonly PolicyProblem[] } {
  const normal = normalise(content ?? {})
  const result = policySchema(inputs).safeParse(normal)
  const issues = result.success ? [] : result.error.issues
  const wrong = issues.flatMap(issue => toProblems(issue, inputs, refused))
  const problems = [
    ...wrong.map(problem => ({ ...problem, path: originalPath(content, problem.path) })),
    ...titleProblems(normal),
    ...duplicateProblems(content)
  ]
  if (problems.length > 0) return { problems }
  const defaults = { unlisted: 'error', title: DEFAULT_TITLE, defaults: {}, environments: {} }
  return { policy: { ...defaults, ...(normal as object) } as Policy }
}

/** Input names are understood in ServiceNow's spelling too. */
function inputName(key: string): string {
  return key.replaceAll('_', '-')
}

type Sections = readonly (readonly [path: readonly string[], section: Readonly<Record<string, unknown>>])[]

/** The maps whose keys are inputs. */
function sectionsOf(content: unknown): Sections {
  if (!isMap(content)) return []
  const { defaults, environments } = content
  const listed = isMap(environments) ? Object.entries(environments) : []
  return [
    ...(isMap(defaults) ? [[['defaults'], defaults] as const] : []),
    ...listed.flatMap(([name, section]) =>
      isMap(section) ? [[['environments', name], section] as const] : []
    )
  ]
}

/** Keys in the inputs' spelling; a section without content is an empty one. */
function normalise(content: unknown): unknown {
  if (!isMap(content)) return content
  const section = (map: unknown): unknown => {
    if (map === null) return {}
    return isMap(map) ? mapKeys(map, inputName) : map
  }
  const { defaults = {}, environments = {} } = content
  const listed = environments === null ? {} : environments
  return {
    ...content,
    defaults: section(defaults),
    environments: isMap(listed)
      ? Object.fromEntries(Object.entries(listed).map(([name, map]) => [name, section(map)]))
      : listed
  }
}

function mapKeys(map: Readonly<Record<string, unknown>>, rename: (key: string) => string) {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [rename(key), value]))
}

/** The path as the file spells it, for a path in the inputs' spelling. */
export function originalPath(
  content: unknown,
  path: readonly (string | number)[]
): readonly (string | number)[] {
  const found = sectionsOf(content).find(([at]) => at.every((step, n) => step === path[n]))
  const [at = [], section = {}] = found ?? []
  const key = path[at.length]
  const own = Object.keys(section).find(one => inputName(one) === key)
  return own === undefined ? path : [...at, own, ...path.slice(at.length + 1)]
}

function isMap(content: unknown): content is Record<string, unknown> {
  return typeof content === 'object' && content !== null && !Array.isArray(content)
}

type Issue = { readonly code: string; readonly path: readonly PropertyKey[] }

function toProblems(
  issue: Issue,
  inputs: PolicyInputs,
  refused: Readonly<Record<string, string>>
): PolicyProblem[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const { keys } = issue as Issue & { keys: readonly string[] }
    return keys.map(key => unknownKey([...path, key], refused))
  }
  return [{ path, text: wrongValue(path, inputs) }]
}

function wrongValue(path: readonly (string | number)[], inputs: PolicyInputs): string {
  const last = String(path.at(-1) ?? '')
  if (path.length === 0) return 'the file must be a YAML map'
  if (path.length === 1 && last === 'unlisted') return '`unlisted` must be `controlled`, `free` or `error`'
  if (path.length === 1 && last === 'title') return '`title` must be a text'
  if (path.length === 1 || (path[0] === 'environments' && path.length === 2))
    return `\`${last}\` must be a map`
  if (last === SWITCH) return `\`${SWITCH}\` must be true or false`
  return `\`${last}\` must be ${WORDS[inputs[last] ?? 'value']}`
}

function unknownKey(path: readonly (string | number)[], refused: Readonly<Record<string, string>>) {
  const key = String(path.at(-1))
  const why = Object.hasOwn(refused, key) ? refused[key] : undefined
  if (path.length === 1) {
    const text = `\`${key}\` is not known: a policy has \`unlisted\`, \`title\`, \`defaults\` and \`environments\``
    return { path, text, unknown: key }
  }
  if (why !== undefined) return { path, text: `\`${key}\` must not be in a file: ${why}` }
  if (key === SWITCH) return { path, text: `\`${SWITCH}\` belongs to an environment` }
  const text = `\`${key}\` is not known: the keys are inputs of the action`
  return { path, text, unknown: key }
}

const PLACEHOLDERS = ['repository', 'version', 'environment']

function titleProblems(content: unknown): PolicyProblem[] {
  const title = isMap(content) ? content.title : undefined
  if (typeof title !== 'string') return []
  const path = ['title']
  if (title.trim() === '') return [{ path, text: '`title` is empty' }]
  return [...title.matchAll(/\{([^{}]*)\}/g)]
    .map(([, name = '']) => name)
    .filter(name => !PLACEHOLDERS.includes(name))
    .map(name => ({
      path,
      text: `\`title\` has {${name}}; it may have ${PLACEHOLDERS.map(one => `{${one}}`).join(', ')}`
    }))
}

/** One input in two spellings, one environment in two: GitHub treats upper and lower case alike. */
function duplicateProblems(content: unknown): PolicyProblem[] {
  const keys = sectionsOf(content).flatMap(([path, section]) =>
    repeated(Object.keys(section), inputName).map(([key, first]) => ({
      path: [...path, key],
      text: `\`${key}\` is already given as \`${first}\``
    }))
  )
  const names = isMap(content) && isMap(content.environments) ? Object.keys(content.environments) : []
  const environments = repeated(names, name => name.toLowerCase()).map(([name, first]) => ({
    path: ['environments', name],
    text: `\`${name}\` is the same environment as \`${first}\`: GitHub treats upper and lower case alike`
  }))
  return [...keys, ...environments]
}

function repeated(keys: readonly string[], same: (key: string) => string): [key: string, first: string][] {
  return keys.flatMap((key, n): [string, string][] => {
    const first = keys.slice(0, n).find(one => same(one) === same(key))
    return first === undefined ? [] : [[key, first]]
  })
}

/** The short description of a deployment's change. */
export function renderTitle(
  title: string,
  facts: { repository: string; version: string; environment: string }
): string {
  return title.replace(/\{(repository|version|environment)\}/g, (_, name: keyof typeof facts) => facts[name])
}
