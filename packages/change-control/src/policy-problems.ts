/** What is wrong in a policy file, each with its place. */
import { environmentKey, inputName, isMap, originalPath, type Path, sectionsOf } from './policy-keys.ts'
import {
  ENFORCE,
  ENFORCED_WORDS,
  KIND_WORDS,
  type PolicyInputs,
  policySchema,
  SWITCH,
  TOP_KEYS
} from './policy-schema.ts'

/** A mistake in a policy, and where it is; `path` is in the file's own spelling. */
export interface PolicyProblem {
  readonly path: Path
  readonly text: string
  /** The key, where it is not known: the front suggests one with a similar name. */
  readonly unknown?: string
}

/** Which keys a policy may have. */
export interface PolicyKeys {
  /** The inputs that may stand in the file, with the kind of value each takes. */
  readonly allowed: PolicyInputs
  /** Inputs that must not, and why. */
  readonly refused: Readonly<Record<string, string>>
  /** Inputs whose names may stand under `names`. */
  readonly named: readonly string[]
}

/** All that is wrong in a file. @param normal its content with the keys in the inputs' spelling */
export function policyProblems(content: unknown, normal: unknown, keys: PolicyKeys): PolicyProblem[] {
  const result = policySchema(keys.allowed, keys.named).safeParse(normal)
  const issues = result.success ? [] : result.error.issues
  const wrong = issues.flatMap(issue => toProblems(issue, keys))
  return [
    ...wrong.map(problem => ({ ...problem, path: originalPath(content, problem.path) })),
    ...titleProblems(normal),
    ...duplicateProblems(content),
    ...prototypeProblems(content, [])
  ]
}

type Issue = { readonly code: string; readonly path: readonly PropertyKey[] }

function toProblems(issue: Issue, keys: PolicyKeys): PolicyProblem[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const { keys: unknown } = issue as Issue & { keys: readonly string[] }
    return unknown.filter(key => !PROTOTYPES.includes(key)).map(key => unknownKey([...path, key], keys))
  }
  return [{ path, text: wrongValue(path, keys.allowed) }]
}

/** A part of the file by what its last key is. */
function wrongValue(path: readonly string[], inputs: PolicyInputs): string {
  const last = path.at(-1) ?? ''
  if (path.length === 0) return 'the file must be a YAML map'
  if (last === SWITCH && !isEnvironment(path)) return `\`${SWITCH}\` must be true or false`
  if (path[0] === 'names' && path.length === 3) return `\`${last}\` must be a sys_id of 32 hex digits`
  if (path.length === 1 && last === 'unlisted') return '`unlisted` must be `controlled`, `free` or `error`'
  if (path.length === 1 && last === 'title') return '`title` must be a text'
  if (path.length === 1 || path[0] === 'names' || last === ENFORCE || isEnvironment(path))
    return `\`${last}\` must be a map`
  const words = path.at(-2) === ENFORCE ? ENFORCED_WORDS : KIND_WORDS
  const kind = Object.hasOwn(inputs, last) ? inputs[last] : undefined
  return `\`${last}\` must be ${words[kind ?? 'value']}`
}

function isEnvironment(path: readonly string[]): boolean {
  return path[0] === 'environments' && path.length === 2
}

function unknownKey(path: readonly string[], { refused, named }: PolicyKeys): PolicyProblem {
  const key = String(path.at(-1))
  const why = Object.hasOwn(refused, key) ? refused[key] : undefined
  if (path.length === 1) {
    const keys = TOP_KEYS.map(one => `\`${one}\``).join(', ')
    return { path, text: `\`${key}\` is not known: the keys of a policy are ${keys}`, unknown: key }
  }
  if (path[0] === 'names') {
    const inputs = named.map(one => `\`${one}\``).join(', ')
    return { path, text: `\`${key}\` is not known here: \`names\` has ${inputs}`, unknown: key }
  }
  if (why !== undefined) return { path, text: `\`${key}\` must not be in a file: ${why}` }
  if (key === SWITCH || key === ENFORCE)
    return { path, text: `\`${key}\` belongs to the top level of the file or to an environment` }
  return { path, text: `\`${key}\` is not known: the keys are inputs of the actions`, unknown: key }
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

/** One input in two spellings, one environment in two. */
function duplicateProblems(content: unknown): PolicyProblem[] {
  const keys = sectionsOf(content).flatMap(([path, section]) =>
    repeated(Object.keys(section), inputName).map(([key, first]) => ({
      path: [...path, key],
      text: `\`${key}\` is already given as \`${first}\``
    }))
  )
  const names = isMap(content) && isMap(content.environments) ? Object.keys(content.environments) : []
  const environments = repeated(names, environmentKey).map(([name, first]) => ({
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

const PROTOTYPE = '__proto__'
const PROTOTYPES = [PROTOTYPE, inputName(PROTOTYPE)]

/** A key that is none: schemas pass over it, and objects may take it for their prototype. */
function prototypeProblems(content: unknown, path: Path): PolicyProblem[] {
  if (Array.isArray(content)) return content.flatMap((one, n) => prototypeProblems(one, [...path, n]))
  if (!isMap(content)) return []
  return Object.keys(content).flatMap(key =>
    key === PROTOTYPE
      ? [{ path: [...path, key], text: `\`${PROTOTYPE}\` cannot be a key` }]
      : prototypeProblems(content[key], [...path, key])
  )
}
