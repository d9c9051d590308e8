import { type Fields, fieldOf, isSysId, toFields } from '../changes/fields.ts'
import { accepted } from '../changes/responses.ts'
import type { Pipeline } from '../http/pipeline.ts'
import { type ClientProblem, clientProblem, isClientProblem, type LookupKind } from '../problems/codes.ts'
import { isSameName, Query } from '../query/query.ts'
import { nearest } from './nearest.ts'
import { type TableRows, whole } from './pages.ts'
import { readTable, readWholeTable } from './table.ts'
import { type Telling, tellingColumns, toldApart } from './told-apart.ts'

/** A kind of name. */
interface Kind {
  readonly label: LookupKind
  readonly table: string
  /** Columns to look in; the first that matches counts. */
  readonly keys: readonly [string, ...string[]]
  /** Columns to suggest from. */
  readonly suggest: readonly string[]
  /** Columns that tell records of one name apart. */
  readonly telling: Telling
}

const GROUP: Kind = {
  label: 'assignment group',
  table: 'sys_user_group',
  keys: ['name'],
  suggest: ['name'],
  telling: [
    ['parent', 'parent group'],
    ['manager', 'manager'],
    ['description', 'description']
  ]
}

const USER: Kind = {
  label: 'user',
  table: 'sys_user',
  keys: ['user_name', 'email', 'name'],
  suggest: ['user_name', 'name'],
  telling: [
    ['user_name', 'user name'],
    ['email', 'e-mail address'],
    ['department', 'department']
  ]
}

const CI: Kind = {
  label: 'configuration item',
  table: 'cmdb_ci',
  keys: ['name'],
  suggest: ['name'],
  telling: [
    ['sys_class_name', 'class'],
    ['location', 'location'],
    ['support_group', 'support group'],
    ['operational_status', 'operational status'],
    ['serial_number', 'serial number']
  ]
}

const MODEL: Kind = {
  label: 'change model',
  table: 'chg_model',
  keys: ['name'],
  suggest: ['name'],
  telling: [['description', 'description']]
}

/** Kinds of names that are looked up. */
export const REFERENCES = { group: GROUP, user: USER, ci: CI, model: MODEL } as const

export type ReferenceKind = keyof typeof REFERENCES

export interface Reference {
  /** A sys_id, or the name itself where the table may not be read and the instance must resolve it. */
  readonly value: string
  readonly display: string
  /** False: used as given, to be checked on the written record. */
  readonly verified: boolean
}

/**
 * Resolves a name to exactly one active record. A sys_id is taken as it is; the record that is written with it
 * shows whether it exists.
 *
 * @throws Problem `lookup-none` or `lookup-many`, listing candidates; `unsafe-query` for a name that cannot be
 *   looked up; `list-cut` when more records match than are read
 */
export async function resolveReference(
  pipeline: Pipeline,
  kind: ReferenceKind,
  text: string
): Promise<Reference> {
  const { label, table, keys, telling } = REFERENCES[kind]
  if (isSysId(text)) return { value: text.toLowerCase(), display: text, verified: false }
  const operation = `looking up the ${label} "${text}"`
  const query = active(kind, new Query().anyIs(keys, text))
  const read = {
    table,
    query,
    operation,
    limit: 50,
    fields: [...new Set([...columns(kind), ...tellingColumns(telling)])]
  }
  const found = await orHidden(readWholeTable(pipeline, read))
  if (found === 'hidden') return { value: text, display: text, verified: false }
  const rows = best(accepted(query, found.rows, operation), keys, text)
  const [only] = rows
  if (rows.length === 1 && only !== undefined && !found.cut) {
    return { value: fieldOf(only, 'sys_id').value, display: displayName(only, kind), verified: true }
  }
  if (rows.length > 1) throw ambiguous(kind, text, rows, operation)
  whole(found, operation)
  // What the database compares as equal is the likeliest that is meant.
  const alike = found.rows.map(row => displayName(toFields(row), kind)).filter(name => name !== '')
  const candidates = [...new Set([...alike, ...(await namesNear(pipeline, kind, text))])]
  throw clientProblem('lookup-none', { operation, kind: label, name: text, candidates })
}

/** Leaves out retired CIs, and inactive people, groups and models. */
function active(kind: ReferenceKind, query: Query): Query {
  return kind === 'ci' ? query.isNot('install_status', '7') : query.is('active', 'true')
}

function columns(kind: ReferenceKind): string[] {
  return [
    ...new Set(['sys_id', 'active', 'install_status', 'sys_class_name', 'name', ...REFERENCES[kind].keys])
  ]
}

async function orHidden<T extends TableRows>(reading: Promise<T>): Promise<T | 'hidden'> {
  try {
    const found = await reading
    return found.hidden && found.rows.length === 0 ? 'hidden' : found
  } catch (error) {
    if (isClientProblem(error, 'role', 'forbidden')) return 'hidden'
    throw error
  }
}

/** The rows that match by the first key that any row matches by. */
function best(rows: readonly Fields[], keys: readonly string[], text: string): Fields[] {
  for (const key of keys) {
    const matching = rows.filter(row => isSameName(fieldOf(row, key).value, text))
    if (matching.length > 0) return matching
  }
  return []
}

function displayName(row: Fields, kind: ReferenceKind): string {
  return fieldOf(row, 'name').value || fieldOf(row, REFERENCES[kind].keys[0]).value
}

function ambiguous(
  kind: ReferenceKind,
  name: string,
  rows: readonly Fields[],
  operation: string
): ClientProblem {
  const { label, telling } = REFERENCES[kind]
  const candidates = toldApart(rows, telling)
  return clientProblem('lookup-many', { operation, kind: label, name, candidates })
}

async function namesNear(pipeline: Pipeline, kind: ReferenceKind, text: string): Promise<string[]> {
  const { label, table, suggest } = REFERENCES[kind]
  const query = nearQuery(suggest, text)
  const rows =
    query === undefined
      ? 'hidden'
      : await readNear(pipeline, { table, query: active(kind, query), label, kind })
  const names = rows === 'hidden' ? [] : rows.flatMap(row => suggest.map(name => fieldOf(row, name).value))
  return nearest(text, names)
}

async function readNear(
  pipeline: Pipeline,
  ask: { table: string; query: Query; label: string; kind: ReferenceKind }
): Promise<Fields[] | 'hidden'> {
  const operation = `looking for ${ask.label}s with a similar name`
  try {
    const { rows } = await readTable(pipeline, { ...ask, operation, limit: 100, fields: columns(ask.kind) })
    return accepted(ask.query, rows, operation)
  } catch (error) {
    // The problem to report is that the name was not found, with or without suggestions.
    if (isClientProblem(error)) return 'hidden'
    throw error
  }
}

/** Names that share the longest word, or that word's first letters: one request finds most typing mistakes. */
function nearQuery(fields: readonly string[], text: string): Query | undefined {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? []
  const longest = [...words].sort((a, b) => b.length - a.length)[0]
  return longest === undefined ? undefined : new Query().contains(fields, longest.slice(0, 3))
}

const TABLES: Readonly<Record<string, string>> = {
  assignment_group: 'sys_user_group',
  assigned_to: 'sys_user',
  requested_by: 'sys_user',
  cmdb_ci: 'cmdb_ci',
  parent: 'task'
}

/** Whether the record a reference field of a change points at exists; undefined when the account may not know. */
export async function referenceExists(
  pipeline: Pipeline,
  field: string,
  sysId: string
): Promise<boolean | undefined> {
  const table = TABLES[field]
  if (table === undefined) return undefined
  const query = new Query().is('sys_id', sysId)
  const operation = `looking up ${field} ${sysId}`
  const read = { table, query, operation, limit: 1, fields: ['sys_id'] }
  const found = await orHidden(readTable(pipeline, read))
  return found === 'hidden' ? undefined : accepted(query, found.rows, operation).length > 0
}
