/** What a JSON schema of the description says of one value: which members are missing, and which it has not. */
import type { Schema } from './description.ts'

type Schemas = Readonly<Record<string, Schema>>

/** The value of members that are required and not imitated, where they are addresses. */
export const NOT_IMITATED = 'https://not-imitated.invalid/'

function resolve(schemas: Schemas, schema: Schema): Schema {
  const { $ref: reference } = schema
  if (typeof reference !== 'string') return schema
  const found = schemas[reference.slice(reference.lastIndexOf('/') + 1)]
  if (found === undefined) throw new Error(`no schema ${reference}`)
  return resolve(schemas, found)
}

/** The schema and all that it is composed of. */
function parts(schemas: Schemas, schema: Schema, kinds: readonly string[]): Schema[] {
  const resolved = resolve(schemas, schema)
  const inner = kinds.flatMap(kind => (resolved[kind] as Schema[] | undefined) ?? [])
  return [resolved, ...inner.flatMap(one => parts(schemas, one, kinds))]
}

/** Fills a value; see `Description.fill`. */
export function fill<T extends object>(schemas: Schemas, name: string, value: T): T {
  const schema = schemas[name]
  if (schema === undefined) throw new Error(`no schema ${name}`)
  return { ...(neutral(schemas, schema, '', value) as T), ...value }
}

function neutralObject(schemas: Schemas, all: readonly Schema[], known: object): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  const properties = Object.assign({}, ...all.map(one => one.properties ?? {})) as Record<string, Schema>
  for (const name of all.flatMap(one => (one.required as string[] | undefined) ?? [])) {
    if (!(name in known)) result[name] = neutral(schemas, properties[name] ?? {}, name)
  }
  return result
}

function neutral(schemas: Schemas, schema: Schema, name: string, known: object = {}): unknown {
  const all = parts(schemas, schema, ['allOf'])
  const has = (key: string) => all.find(one => one[key] !== undefined)?.[key]
  if (has('nullable') === true && name !== '') return null
  const choice = (has('enum') as unknown[] | undefined)?.[0]
  if (choice !== undefined) return choice
  const alternatives = ((has('anyOf') ?? has('oneOf')) as Schema[] | undefined) ?? []
  if (name !== '' && alternatives.some(one => one.nullable === true)) return null
  if (alternatives[0] !== undefined) return neutral(schemas, alternatives[0], name, known)
  switch (has('type')) {
    case 'string':
      return /(^|_)url$|^href$/.test(name) ? NOT_IMITATED : ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'array':
      return []
    default:
      return neutralObject(schemas, all, known)
  }
}

/**
 * Members of a value that its schema does not name. GitHub's schemas allow any other member, so that a misspelt one
 * would pass.
 */
export function unknownKeys(schemas: Schemas, schema: Schema, value: unknown, at = ''): string[] {
  const all = parts(schemas, schema, ['allOf', 'anyOf', 'oneOf'])
  if (Array.isArray(value)) {
    const items = all.find(one => one.items !== undefined)?.items as Schema | undefined
    return items ? [...new Set(value.flatMap(item => unknownKeys(schemas, items, item, `${at}[]`)))] : []
  }
  const named = all.filter(one => one.properties !== undefined)
  if (typeof value !== 'object' || value === null || named.length === 0) return []
  if (all.some(one => one.additionalProperties)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    const found = named.flatMap(one => (one.properties as Record<string, Schema>)[key] ?? [])
    if (found.length === 0) return [`${at}.${key}`]
    return unknownKeys(
      schemas,
      found.length === 1 ? (found[0] as Schema) : { anyOf: found },
      item,
      `${at}.${key}`
    )
  })
}
