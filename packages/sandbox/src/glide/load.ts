import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Field, type FieldType, special, table } from '../dictionary/field.ts'
import type {
  Application,
  LoadedScripts,
  OwnTable,
  ScriptedFlow,
  ScriptedResource,
  ScriptedRule,
  WriteOperation
} from './application.ts'
import { Entry } from './entry.ts'
import { notEs5 } from './es5.ts'
import { restTrigger } from './rest-trigger.ts'
import { withScripts } from './scripts.ts'

const MANIFEST = 'manifest.json'
const KINDS = [
  'businessRule',
  'scriptedRest',
  'scriptInclude',
  'subflow',
  'restTrigger',
  'scriptAction',
  'property',
  'table',
  'role'
] as const
const FIELD_TYPES: readonly FieldType[] = ['string', 'integer', 'boolean', 'date_time', 'reference']
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

interface Manifest {
  readonly scope: string
  readonly entries: readonly unknown[]
}

function readManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST)
  let value: { scope?: unknown; entries?: unknown } | null
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(
      `${path} cannot be read (${(error as Error).message}). Fix: name a folder that has a ${MANIFEST}.`,
      { cause: error }
    )
  }
  const { scope, entries } = value ?? {}
  if (typeof scope !== 'string' || !/^(global|x_[a-z0-9_]+)$/.test(scope) || !Array.isArray(entries)) {
    throw new Error(
      `${path}: it needs "scope" ("global", or a name that begins with x_) and a list "entries".`
    )
  }
  return { scope, entries }
}

/** The text of a script in the folder. @throws Error for a file outside of it, one that is missing, and no ES5 */
async function scriptOf(folder: string, entry: Entry): Promise<string> {
  const name = entry.text('script')
  const path = join(folder, name)
  if (relative(folder, path).startsWith('..')) entry.fail(`the script "${name}" is outside of the folder.`)
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    return entry.fail(`the script "${name}" cannot be read: ${(error as Error).message}`)
  }
  const problem = await notEs5(source)
  if (problem !== undefined) entry.fail(`the script "${name}" is not ES5: ${problem}.`)
  return source
}

async function conditionOf(entry: Entry): Promise<string> {
  const condition = entry.text('condition', '')
  const problem = condition === '' ? undefined : await notEs5(`(${condition}\n)`)
  if (problem !== undefined) entry.fail(`the condition is not ES5: ${problem}.`)
  return condition
}

async function ruleOf(folder: string, entry: Entry): Promise<ScriptedRule> {
  const on = entry.texts('on', ['insert', 'update'])
  const unsupported = on.filter(one => one !== 'insert' && one !== 'update')
  if (unsupported.length > 0) entry.fail(`rules on ${unsupported.join(', ')} are not supported.`)
  return {
    name: entry.name,
    table: entry.text('table'),
    when: entry.choice('when', ['before', 'after', 'async']),
    on: on as readonly WriteOperation[],
    order: entry.number('order', 100),
    filter: entry.text('filter', ''),
    condition: await conditionOf(entry),
    script: await scriptOf(folder, entry)
  }
}

async function resourceOf(folder: string, entry: Entry): Promise<ScriptedResource> {
  return { name: entry.name, ...routeOf(entry), script: await scriptOf(folder, entry) }
}

async function flowOf(folder: string, entry: Entry): Promise<ScriptedFlow> {
  return { name: entry.name, script: await scriptOf(folder, entry), waits: entry.flag('waits', false) }
}

function routeOf(entry: Entry): Omit<ScriptedResource, 'name' | 'script'> {
  const path = entry.text('path')
  if (!/^\/api\/[^/]+\/./.test(path)) entry.fail('"path" must be the whole path: /api/NAMESPACE/….')
  return {
    method: entry.choice('method', METHODS),
    path,
    authentication: entry.flag('authentication', true),
    roles: entry.texts('roles', ['snc_internal'])
  }
}

function fieldOf(entry: Entry, sent: Readonly<Record<string, unknown>>): Field {
  const { name, type = 'string', target, maxLength } = sent
  if (typeof name !== 'string' || !FIELD_TYPES.includes(type as FieldType)) {
    entry.fail(`a field needs a name and a type of ${FIELD_TYPES.join(', ')}.`)
  }
  return special(name, type as FieldType, {
    ...(typeof target === 'string' && { target }),
    ...(typeof maxLength === 'number' && { maxLength })
  })
}

function tableOf(entry: Entry): OwnTable {
  const sent = entry.objects('fields')
  const fields = sent.map(one => fieldOf(entry, one))
  const display = entry.text('display', fields[0]?.name ?? 'sys_id')
  return {
    table: table(entry.name, entry.text('label', entry.name), display, fields),
    unique: sent.filter(one => one.unique === true).map(one => String(one.name))
  }
}

type Mutable = {
  -readonly [part in keyof Application]: Application[part] extends readonly (infer T)[]
    ? T[]
    : Application[part]
}

async function addEntry(application: Mutable, folder: string, entry: Entry): Promise<void> {
  switch (entry.kind as (typeof KINDS)[number]) {
    case 'businessRule':
      application.rules.push(await ruleOf(folder, entry))
      break
    case 'scriptedRest':
      application.resources.push(await resourceOf(folder, entry))
      break
    case 'scriptInclude':
      application.includes.push({ name: entry.name, script: await scriptOf(folder, entry) })
      break
    case 'subflow':
      application.flows.push(await flowOf(folder, entry))
      break
    case 'restTrigger':
      application.flows.push(await flowOf(folder, entry))
      application.resources.push(restTrigger(`${application.scope}.${entry.name}`, routeOf(entry)))
      break
    case 'scriptAction':
      application.actions.push({
        name: entry.name,
        event: entry.text('event'),
        script: await scriptOf(folder, entry)
      })
      break
    case 'property':
      application.properties.push({
        name: entry.name,
        value: entry.text('value', ''),
        type: entry.text('type', 'string')
      })
      break
    case 'table':
      application.tables.push(tableOf(entry))
      break
    case 'role':
      application.roles.push({ name: entry.name, holders: entry.texts('holders', []) })
      break
    default:
      entry.fail(`unknown kind. Kinds: ${KINDS.join(', ')}.`)
  }
  entry.done()
}

/**
 * Reads the scripts of a scoped application from a folder with a `manifest.json`, for the option `scripts`.
 *
 * @param beside folders of what else the instance has, such as flows of its own: their names keep their scope, and a
 *   property that is there already gets the value of the later folder
 * @throws Error for a manifest or a script that is not valid, with the entry and the reason
 */
export async function loadScripts(folder: string, ...beside: readonly string[]): Promise<LoadedScripts> {
  let application = await readApplication(folder)
  for (const one of beside) application = together(application, await readApplication(one))
  application.rules.sort((one, other) => one.order - other.order)
  return withScripts(application)
}

async function readApplication(folder: string): Promise<Mutable> {
  const { scope, entries } = readManifest(folder)
  const application: Mutable = {
    scope,
    rules: [],
    resources: [],
    includes: [],
    flows: [],
    actions: [],
    properties: [],
    tables: [],
    roles: []
  }
  for (const [position, value] of entries.entries()) {
    try {
      await addEntry(application, folder, new Entry(value, position + 1))
    } catch (error) {
      throw new Error(`${join(folder, MANIFEST)}: ${(error as Error).message}`, { cause: error })
    }
  }
  return application
}

function together(first: Mutable, other: Mutable): Mutable {
  const { scope } = other
  const scoped = (name: string) => (name.includes('.') ? name : `${scope}.${name}`)
  const replaced = new Set(other.properties.map(one => one.name))
  return {
    scope: first.scope,
    rules: [...first.rules, ...other.rules],
    resources: [...first.resources, ...other.resources],
    includes: [...first.includes, ...other.includes],
    flows: [...first.flows, ...other.flows.map(one => ({ ...one, name: scoped(one.name) }))],
    actions: [...first.actions, ...other.actions],
    properties: [...first.properties.filter(one => !replaced.has(one.name)), ...other.properties],
    tables: [...first.tables, ...other.tables],
    roles: [...first.roles, ...other.roles]
  }
}
