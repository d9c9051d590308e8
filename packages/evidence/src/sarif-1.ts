/** SARIF 1.0, as compilers write it unless told otherwise: rules are a map, suppressions a list of states. */
import { type Shape, VALUE } from './json-documents.ts'
import { list, record, text, word } from './values.ts'

type Fields = Readonly<Record<string, unknown>>

/** What is read of a run. */
export const RUN_1: Shape = {
  rules: { '*': { defaultLevel: VALUE } },
  results: {
    level: VALUE,
    ruleKey: VALUE,
    ruleId: VALUE,
    baselineState: VALUE,
    suppressionStates: VALUE
  },
  toolNotifications: { level: VALUE },
  configurationNotifications: { level: VALUE }
}

const SETTLED = ['pass', 'notapplicable']

/** The levels of a run's results. */
export function results1(run: Fields): readonly string[] {
  const rules = record(run.rules)
  return list(run.results)
    .map(record)
    .filter(({ suppressionStates, baselineState }) => {
      return list(suppressionStates).length === 0 && word(baselineState) !== 'absent'
    })
    .map(result => levelOf(result, rules))
    .filter(level => !SETTLED.includes(level))
}

function levelOf({ level, ruleKey, ruleId }: Fields, rules: Fields): string {
  if (level !== undefined && word(level) !== 'default') return word(level) || 'unknown'
  const key = text(ruleKey ?? ruleId)
  const rule = record(Object.hasOwn(rules, key) ? rules[key] : undefined)
  return word(rule.defaultLevel ?? 'warning') || 'unknown'
}

/** Whether the tool tells an error of its own. */
export function runFailed1({ toolNotifications, configurationNotifications }: Fields): boolean {
  const notes = [...list(toolNotifications), ...list(configurationNotifications)]
  return notes.some(note => word(record(note).level) === 'error')
}
