import { normalise } from './policy-keys.ts'
import { type PolicyKeys, type PolicyProblem, policyProblems } from './policy-problems.ts'
import { ENFORCE, SWITCH } from './policy-schema.ts'
import { withoutQuotes, wordOrQuoted } from './quotation.ts'

export { originalPath } from './policy-keys.ts'
export type { PolicyKeys, PolicyProblem } from './policy-problems.ts'
export type { PolicyInputs, ValueKind } from './policy-schema.ts'
export { allowedValues, ENFORCE, policySchema, SWITCH, TOP_KEYS } from './policy-schema.ts'

/** What happens to an environment that the policy does not list. */
export type Unlisted = 'controlled' | 'free' | 'error'

/** Input values by input name, still as YAML has them. */
export type PolicyValues = Readonly<Record<string, unknown>>

/** What a policy says of one environment. */
export interface Section {
  readonly controlled: boolean
  readonly values: PolicyValues
  readonly enforce: PolicyValues
}

/** A policy file as read. */
export interface Policy {
  /** The repository's own switch: false frees all its environments. */
  readonly controlled: boolean
  readonly unlisted: Unlisted
  readonly title: string
  /** Name → sys_id, by input: records that need not be looked up. */
  readonly names: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The states of the instance's own, for all environments; undefined where there is none. */
  readonly states?: unknown
  readonly defaults: PolicyValues
  readonly enforce: PolicyValues
  readonly environments: Readonly<Record<string, Section>>
}

export const DEFAULT_TITLE = 'Deploy "{repository}" version {version} to "{environment}"'

/**
 * Checks what a policy file holds.
 *
 * @returns the policy, its keys in the inputs' spelling; or every problem with its path
 */
export function parsePolicy(
  content: unknown,
  keys: PolicyKeys
): { policy: Policy } | { problems: readonly PolicyProblem[] } {
  const normal = normalise(content ?? {})
  const problems = policyProblems(content, normal, keys)
  return problems.length > 0 ? { problems } : { policy: toPolicy(normal as Content) }
}

/** A file without problems. */
interface Content extends Partial<Omit<Policy, 'controlled' | 'environments'>> {
  readonly [SWITCH]?: boolean
  readonly environments?: Readonly<Record<string, PolicyValues>>
}

function toPolicy(content: Content): Policy {
  const { unlisted = 'error', title = DEFAULT_TITLE, names = {}, defaults = {}, enforce = {} } = content
  const listed = Object.entries(content.environments ?? {})
  return {
    controlled: content[SWITCH] ?? true,
    unlisted,
    title,
    names,
    ...(content.states !== undefined && { states: content.states }),
    defaults,
    enforce,
    environments: Object.fromEntries(listed.map(([name, section]) => [name, toSection(section)]))
  }
}

function toSection({
  [SWITCH]: controlled = true,
  [ENFORCE]: enforce = {},
  ...values
}: PolicyValues): Section {
  return { controlled: controlled as boolean, values, enforce: enforce as PolicyValues }
}

/** A part of a policy that holds values, and where it stands in the file. */
export interface PolicyPart {
  readonly path: readonly string[]
  readonly values: PolicyValues
}

/** The values that lie under the inputs, the uppermost first. @param section the environment, as the file spells it */
export function layersOf(policy: Policy, section: string | undefined): readonly PolicyPart[] {
  const own = section === undefined ? undefined : policy.environments[section]
  const common = [{ path: ['defaults'], values: policy.defaults }, ...topValues(policy)]
  if (section === undefined || own === undefined) return common
  return [{ path: ['environments', section], values: own.values }, ...common]
}

/** The life cycle is one of the instance: it stands at the top of the file, and a section may have another one. */
export function topValues({ states }: Policy): readonly PolicyPart[] {
  return states === undefined ? [] : [{ path: [], values: { states } }]
}

/** The values that bind: those of the top level, and of the environment. Both hold. */
export function enforcedBy(policy: Policy, section: string | undefined): readonly PolicyPart[] {
  const own = section === undefined ? undefined : policy.environments[section]
  const top = { path: [ENFORCE], values: policy.enforce }
  if (section === undefined || own === undefined) return [top]
  return [top, { path: ['environments', section, ENFORCE], values: own.enforce }]
}

/**
 * The short description of a deployment's change. What is filled in holds no quotation marks, so that it ends where those
 * of the title end; a version that is not one word is put in such marks by the default title, which has none for it.
 */
export function renderTitle(
  title: string,
  facts: { repository: string; version: string; environment: string }
): string {
  const { version } = facts
  const values = {
    ...facts,
    version: title === DEFAULT_TITLE ? wordOrQuoted(version) : withoutQuotes(version)
  }
  return title.replace(/\{(repository|version|environment)\}/g, (_, name: keyof typeof facts) =>
    name === 'version' ? values.version : withoutQuotes(values[name])
  )
}
