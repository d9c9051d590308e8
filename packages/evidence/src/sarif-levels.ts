/** The level that a SARIF run gives a rule, for results that name none of their own. */
import { type Shape, VALUE } from './json-documents.ts'
import { list, record } from './values.ts'

type Fields = Readonly<Record<string, unknown>>

const RULES: Shape = { rules: { id: VALUE, defaultConfiguration: { level: VALUE } } }

/** What is read of a run to know the levels. */
export const LEVEL_SOURCES = {
  tool: { driver: RULES, extensions: RULES },
  invocations: {
    ruleConfigurationOverrides: {
      descriptor: { id: VALUE, index: VALUE },
      configuration: { level: VALUE }
    }
  }
} satisfies Shape

/**
 * Finds the level that is configured for a result: by its invocation, or else by its rule. Rules and overrides are
 * looked through once, not once for each result.
 */
export function configuredLevels(run: Fields): (result: Fields) => unknown {
  const invocations = list(run.invocations)
  const { driver, extensions } = record(run.tool)
  const components = list(extensions)
  const overridesOf = remember(overridesIn)
  const rulesOf = remember(rulesIn)
  return result => {
    const reference = record(result.rule)
    const id = result.ruleId ?? reference.id
    const index = result.ruleIndex ?? reference.index
    const invocation = record(result.provenance).invocationIndex ?? 0
    const override = overridesOf(typeof invocation === 'number' ? invocations[invocation] : undefined)
    const extension = record(reference.toolComponent).index
    const rules = rulesOf(typeof extension === 'number' ? components[extension] : driver)
    return override(id, index) ?? rules(id, index)
  }
}

/** A level by the id and the index of a rule. */
type Levels = (id: unknown, index: unknown) => unknown

/** Of several overrides of a rule the first counts. */
function overridesIn(invocation: unknown): Levels {
  const all = list(record(invocation).ruleConfigurationOverrides).map(record)
  const byId = new Map<unknown, number>()
  const byIndex = new Map<unknown, number>()
  for (const [n, { descriptor }] of all.entries()) {
    const { id, index } = record(descriptor)
    if (id !== undefined) setFirst(byId, id, n)
    else if (index !== undefined) setFirst(byIndex, index, n)
  }
  return (id, index) => {
    const found = Math.min(byId.get(id) ?? all.length, byIndex.get(index) ?? all.length)
    return record(all[found]?.configuration).level
  }
}

/** The rule is referred to by index or by id. */
function rulesIn(component: unknown): Levels {
  const rules = list(record(component).rules).map(record)
  const byId = new Map<unknown, Fields>()
  for (const rule of rules) setFirst(byId, rule.id, rule)
  return (id, index) => {
    const byIndex = typeof index === 'number' && index >= 0
    const rule = byIndex ? rules[index] : id === undefined ? undefined : byId.get(id)
    return record(rule?.defaultConfiguration).level
  }
}

function setFirst<T>(map: Map<unknown, T>, key: unknown, value: T): void {
  if (!map.has(key)) map.set(key, value)
}

function remember<T>(make: (of: unknown) => T): (of: unknown) => T {
  const made = new Map<unknown, T>()
  return of => {
    const value = made.get(of) ?? make(of)
    made.set(of, value)
    return value
  }
}
