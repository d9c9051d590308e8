/**
 * What is generated from the records of the companion application: the manifest with which the sandbox runs its scripts,
 * and the same scripts as texts to paste.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pasteFiles } from './companion-paste.ts'
import { type AppRecord, readRecords } from './companion-records.ts'

export const COMPANION = fileURLToPath(new URL('../servicenow', import.meta.url))

/** Tables whose records the sandbox has no use for. */
const NOT_RUN = [
  'sys_app',
  'sys_auto_flush',
  'sys_db_object',
  'sys_module',
  'sys_scope_privilege',
  'sys_security_acl',
  'sys_security_acl_role',
  'sys_ws_definition',
  'sys_ws_version',
  'sysevent_register'
]

/** What the sandbox has beside the application: values, accounts with its roles, and subflows. */
interface SandboxParts {
  readonly properties: Readonly<Record<string, string>>
  readonly holders: Readonly<Record<string, readonly string[]>>
  readonly subflows: Readonly<Record<string, string>>
}

type Entry = Readonly<Record<string, unknown>>

/** Finds the source of the script of a record. @throws Error when none is the same text */
function sourceFinder(folder: string): (record: AppRecord, field: string) => string {
  const scripts = readdirSync(join(folder, 'src/scripts')).map(name => `src/scripts/${name}`)
  const texts = new Map(scripts.map(name => [readFileSync(join(folder, name), 'utf8'), name]))
  return ({ table, fields }, field) => {
    const name = texts.get(fields[field] ?? '')
    if (name !== undefined) return name
    throw new Error(
      `${table} ${fields.name}: no file of src/scripts has this script. Fix: run npm run companion.`
    )
  }
}

/** Roles of which an access rule demands one. */
function rolesOf(records: readonly AppRecord[], acls: string): string[] {
  const links = records.filter(
    ({ table, fields }) =>
      table === 'sys_security_acl_role' && acls.split(',').includes(fields.sys_security_acl ?? '-')
  )
  return links.map(({ attributes }) => attributes.sys_user_role?.name ?? '')
}

const flag = (text: string | undefined) => text === 'true'

function columnOf({ fields }: AppRecord): Entry {
  return {
    name: fields.element,
    type: fields.internal_type,
    ...(fields.internal_type === 'string' && { maxLength: Number(fields.max_length) }),
    ...(flag(fields.unique) && { unique: true })
  }
}

/** The tables of the application, from their columns. */
function tablesOf(records: readonly AppRecord[]): Entry[] {
  const columns = records.filter(({ table, fields }) => table === 'sys_dictionary' && fields.element !== '')
  const names = [...new Set(columns.map(({ fields }) => fields.name))]
  return names.map(name => ({
    kind: 'table',
    name,
    display: columns.find(({ fields }) => fields.name === name && flag(fields.display))?.fields.element,
    fields: columns.filter(({ fields }) => fields.name === name).map(columnOf)
  }))
}

/** One entry of the manifest; undefined for a record that is not run. @throws Error for a table that is not known */
function entryOf(
  record: AppRecord,
  records: readonly AppRecord[],
  source: (record: AppRecord, field: string) => string,
  parts: SandboxParts
): Entry | undefined {
  const { table, fields } = record
  const name = fields.name
  switch (table) {
    case 'sys_script_include':
      return { kind: 'scriptInclude', name, script: source(record, 'script') }
    case 'sys_ws_operation':
      return {
        kind: 'scriptedRest',
        name,
        method: fields.http_method,
        path: fields.operation_uri,
        authentication: flag(fields.requires_authentication),
        roles: rolesOf(records, fields.enforce_acl ?? ''),
        script: source(record, 'operation_script')
      }
    case 'sys_script':
      return {
        kind: 'businessRule',
        name,
        table: fields.collection,
        when: fields.when?.replace('_always', ''),
        on: ['insert', 'update'].filter(action => flag(fields[`action_${action}`])),
        order: Number(fields.order),
        filter: fields.filter_condition,
        condition: fields.condition,
        script: source(record, 'script')
      }
    case 'sysevent_script_action':
      return { kind: 'scriptAction', name, event: fields.event_name, script: source(record, 'script') }
    case 'sys_properties':
      return {
        kind: 'property',
        name,
        value: parts.properties[name ?? ''] ?? fields.value,
        type: fields.type
      }
    case 'sys_user_role':
      return { kind: 'role', name, holders: parts.holders[name ?? ''] ?? [] }
    default:
      if (table === 'sys_dictionary' || NOT_RUN.includes(table)) return undefined
      throw new Error(`A record of ${table} is not known. Fix: say in scripts/companion-files.ts what it is.`)
  }
}

/** The manifest with which the sandbox runs the application, and the subflows beside it. */
function manifestOf(folder: string, records: readonly AppRecord[]): string {
  const parts: SandboxParts = JSON.parse(readFileSync(join(folder, 'sandbox.json'), 'utf8'))
  const source = sourceFinder(folder)
  const own = records.flatMap(record => entryOf(record, records, source, parts) ?? [])
  const subflows = Object.entries(parts.subflows).map(([name, script]) => ({
    kind: 'subflow',
    name,
    script
  }))
  const scope = records.find(({ table }) => table === 'sys_app')?.fields.scope
  return `${JSON.stringify({ scope, entries: [...tablesOf(records), ...own, ...subflows] }, null, 2)}\n`
}

/** Path below `servicenow/` and text of each generated file. */
export function generatedFiles(folder = COMPANION): Map<string, string> {
  const records = readRecords(join(folder, 'xml'))
  return new Map([['manifest.json', manifestOf(folder, records)], ...pasteFiles(records)])
}
