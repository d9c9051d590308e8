import {
  allowedByAll,
  allowedValues,
  comparisonKey,
  ENFORCE,
  enforcedBy,
  type Policy,
  type PolicyPart
} from '@change-actions/change-control'
import type { Allowed, AllowedInputs } from '../inputs/allowed.ts'
import { oneLine } from '../text.ts'
import { knownInput, valueKind } from './policy-keys.ts'
import type { ParseValue } from './policy-values.ts'
import type { PolicyFile } from './read-policy.ts'

/** What a policy enforces for one environment. */
export interface Enforcement {
  readonly allowed: AllowedInputs
  /** By input, as the file has them: one value, or the list of those that are allowed. */
  readonly enforced: Readonly<Record<string, unknown>>
  /** What is wrong with the enforced values of the file, those of other environments included. */
  readonly problems: readonly string[]
}

/** One value that is allowed. */
interface Value {
  /** Two values with the same key are the same. */
  readonly key: string
  readonly text: string
  /** As the file has it. */
  readonly raw: unknown
  readonly place: string
  readonly section: string
}

/** What one level allows, by input. */
type Level = ReadonlyMap<string, readonly Value[]>

/** What a policy enforces. @param name of the policy and its commit, for messages */
export async function enforcementOf(
  file: PolicyFile,
  section: string | undefined,
  { name, shown, parse }: { readonly name: string; readonly shown: string; readonly parse: ParseValue }
): Promise<Enforcement> {
  const { policy } = file
  const problems: string[] = []
  const read = (part: PolicyPart) => levelOf(part, file, parse, problems)
  const [top] = enforcedBy(policy, undefined)
  const topLevel = await read(top as PolicyPart)
  const own = new Map<string, Level>()
  for (const environment of Object.keys(policy.environments)) {
    const [, part] = enforcedBy(policy, environment)
    const level = await read(part as PolicyPart)
    own.set(environment, level)
    problems.push(...contradictions(topLevel, level))
  }
  const level = section === undefined ? undefined : own.get(section)
  const all = combined(level === undefined ? [topLevel] : [topLevel, level])
  // What leaves no value is a problem of the file already.
  const left = [...all].filter(([, values]) => values.length > 0)
  const keyOf = keysOf(policy)
  const allowed = left.map(([input, values]): [string, Allowed] => [
    input,
    rule(values, value => keyOf(input, value), { name, shown })
  ])
  return {
    allowed: new Map(allowed),
    enforced: Object.fromEntries(left.map(([input, values]) => [input, rawOf(values)])),
    problems
  }
}

async function levelOf(
  { path, values }: PolicyPart,
  { policy, placeOf }: PolicyFile,
  parse: ParseValue,
  problems: string[]
): Promise<Level> {
  const keyOf = keysOf(policy)
  const level = new Map<string, Value[]>()
  for (const [input, raw] of Object.entries(values)) {
    const place = placeOf([...path, input])
    const all: Value[] = []
    for (const one of allowedValues(raw, valueKind(knownInput(input)?.kind ?? 'text'))) {
      const parsed = await parse(input, one, place)
      if ('problems' in parsed) problems.push(...parsed.problems)
      else if (parsed.text === '')
        problems.push(`${place}: \`${input}\` has no value: name the one that is enforced`)
      else
        all.push({
          key: keyOf(input, parsed.value),
          text: parsed.text,
          raw: one,
          place,
          section: path.join('.')
        })
    }
    if (all.length > 0) level.set(input, all)
  }
  return level
}

/** Values are compared after parsing, a name as its sys_id. */
function keysOf({ names }: Policy): (input: string, value: unknown) => string {
  return (input, value) => {
    if (typeof value !== 'string') return comparisonKey(value)
    const known = Object.hasOwn(names, input) ? names[input] : undefined
    const sysId = known !== undefined && Object.hasOwn(known, value) ? known[value] : undefined
    const text = sysId ?? value
    return comparisonKey(/^[0-9a-f]{32}$/i.test(text) ? text.toLowerCase() : text)
  }
}

/** Where both levels enforce an input, a value must be allowed by both. */
function combined(levels: readonly Level[]): Level {
  const inputs = new Set(levels.flatMap(level => [...level.keys()]))
  return new Map(
    [...inputs].map(input => [
      input,
      allowedByAll(levels.flatMap(level => [level.get(input) ?? []].filter(one => one.length > 0)))
    ])
  )
}

function contradictions(top: Level, own: Level): string[] {
  return [...combined([top, own])].flatMap(([input, values]) => {
    if (values.length > 0) return []
    const [above, below] = [top.get(input)?.[0], own.get(input)?.[0]]
    return [
      `${below?.place}: \`${input}\` has no value that \`${ENFORCE}\` of the top level (${above?.place}) allows too`
    ]
  })
}

function rawOf(values: readonly Value[]): unknown {
  return values.length === 1 ? values[0]?.raw : values.map(({ raw }) => raw)
}

function rule(
  values: readonly Value[],
  keyOf: (value: unknown) => string,
  { name, shown }: { readonly name: string; readonly shown: string }
): Allowed {
  const [first] = values
  const texts = values.map(({ text }) => `\`${oneLine(text, 80)}\``).join(', ')
  const must = values.length === 1 ? `must be ${texts}` : `must be one of ${texts}`
  const places = [...new Set(values.map(({ place }) => place))].join(', ')
  const one =
    values.length === 1 && first !== undefined
      ? {
          text: first.text,
          place: first.place,
          source: { kind: 'policy', file: shown, section: first.section } as const
        }
      : undefined
  return {
    one,
    refusal(value, text) {
      if (text !== undefined && values.some(({ key }) => key === keyOf(value))) return undefined
      const given = text === undefined ? 'and is not given' : `not \`${oneLine(text, 80)}\``
      return `${must}, ${given}: the policy ${name} enforces it (${places})`
    }
  }
}
