import { type PolicyPart, topValues } from '@change-actions/change-control'
import * as z from 'zod/mini'
import { yamlText } from '../inputs/candidates.ts'
import { inputMeta, kebab, type Shape } from '../inputs/field.ts'
import { listOf } from '../inputs/lists.ts'
import { boolean, integer, oneOf, text } from '../inputs/scalars.ts'
import { dateTime, duration } from '../inputs/time.ts'
import { yamlList, yamlMap } from '../inputs/yaml.ts'
import type { KnownInput } from './known-input.ts'
import { knownInput } from './policy-keys.ts'
import type { PolicyFile } from './read-policy.ts'

/** A value of a policy as the input takes it. */
export type Parsed =
  | { readonly text: string; readonly value: unknown }
  | { readonly problems: readonly string[] }

/** Parses a value of a policy. `place`: where it stands, for the problems. */
export type ParseValue = (name: string, value: unknown, place: string) => Promise<Parsed>

/**
 * Parses values as the action's own inputs take them; those of other actions by their kind.
 *
 * @param shape the inputs of the action
 */
export function valueParser(shape: Shape): ParseValue {
  const own = new Map(Object.entries(shape).map(([key, schema]) => [kebab(key), schema]))
  return async (name, value, place) => {
    const schema = own.get(name) ?? schemaOf(knownInput(name) ?? { kind: 'text' })
    const given = yamlText(value, inputMeta(schema).kind).trim()
    const result = await z.safeParseAsync(schema, given === '' ? undefined : given)
    if (result.success) return { text: given, value: result.data }
    return { problems: result.error.issues.map(issue => `${place}: \`${name}\` ${issue.message}`) }
  }
}

/** An input of another action: its bounds are that action's to check. */
function schemaOf({ kind, words = [] }: KnownInput): z.ZodMiniType {
  switch (kind) {
    case 'boolean':
      return boolean({ default: false })
    case 'integer':
      return integer({ default: 0 })
    case 'duration':
      return duration({ default: '0' })
    case 'date':
      return dateTime()
    case 'word':
      return oneOf(words)
    case 'items':
      return listOf(item => item)
    case 'list':
      return yamlList()
    case 'map':
      return yamlMap()
    case 'text':
      return text()
  }
}

/** What is wrong with the values of a file, those of environments that are not deployed to included. */
export async function valueProblems(
  { policy, placeOf }: PolicyFile,
  parse: ParseValue
): Promise<readonly string[]> {
  const parts: PolicyPart[] = [
    { path: ['defaults'], values: policy.defaults },
    ...topValues(policy),
    ...Object.entries(policy.environments).map(([name, { values }]) => ({
      path: ['environments', name],
      values
    }))
  ]
  const problems: string[] = []
  for (const { path, values } of parts)
    for (const [name, value] of Object.entries(values)) {
      const parsed = await parse(name, value, placeOf([...path, name]))
      if ('problems' in parsed) problems.push(...parsed.problems)
    }
  return problems
}
