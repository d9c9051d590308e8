import { definitionOf } from '../dictionary/tables.ts'
import { utc } from '../engine/dates.ts'
import type { Engine } from '../engine/engine.ts'
import { insertWithoutRules } from '../engine/records.ts'
import { type StoreSnapshot, sysIdOf } from '../engine/store.ts'
import { ACCOUNTS } from './accounts.ts'
import { CHOICE_LISTS } from './choices.ts'
import { seedRelations, seedSchedules } from './planning.ts'
import { CIS, GROUPS, MODELS, TEMPLATES } from './records.ts'

/** The administrator has this sys_id on every instance. */
const STOCK_ADMIN = '6816f79cc0a8016401c5a33be04be441'

/** The sys_id of a seeded record, the same in every sandbox: `seedId('sys_user_group', 'devops-team')`. */
export function seedId(table: string, key: string): string {
  if (table === 'sys_user' && key === 'admin') return STOCK_ADMIN
  return sysIdOf(`seed ${table} ${key}`)
}

function groupId(name: string): string {
  const group = GROUPS.find(one => one.name === name)
  if (!group) throw new Error(`There is no seeded group ${name}.`)
  return seedId('sys_user_group', group.key)
}

function seedGroups(engine: Engine): void {
  for (const { key, name, active = true } of GROUPS) {
    const sys_id = seedId('sys_user_group', key)
    insertWithoutRules(engine, 'sys_user_group', { sys_id, name, active: String(active) })
  }
}

function seedAccounts(engine: Engine): void {
  for (const account of ACCOUNTS) {
    const user = seedId('sys_user', account.userName)
    const [first = '', ...last] = account.name.split(' ')
    insertWithoutRules(engine, 'sys_user', {
      sys_id: user,
      user_name: account.userName,
      user_password: account.password,
      name: account.name,
      first_name: first,
      last_name: last.join(' '),
      email: account.email ?? `${account.userName}@sandbox.example`,
      active: String(account.active ?? true),
      locked_out: 'false',
      web_service_access_only: String(account.userName.startsWith('gha.')),
      time_zone: account.timeZone ?? 'UTC'
    })
    for (const role of account.roles) insertWithoutRules(engine, 'sys_user_has_role', { user, role })
    for (const name of account.groups ?? []) {
      insertWithoutRules(engine, 'sys_user_grmember', { user, group: groupId(name) })
    }
  }
}

function seedCis(engine: Engine): void {
  for (const { key, name, className, status = '1', maintenance } of CIS) {
    insertWithoutRules(engine, 'cmdb_ci', {
      sys_id: seedId('cmdb_ci', key),
      name,
      sys_class_name: className,
      install_status: status,
      operational_status: status === '7' ? '6' : '1',
      ...(maintenance !== undefined && { maintenance_schedule: seedId('cmn_schedule', maintenance) })
    })
  }
}

/** The values of a template as an encoded query: the stored format. */
function encodedValues(values: Readonly<Record<string, string>>): string {
  const terms = Object.entries(values).map(([name, value]) => {
    const stored = name === 'assignment_group' && value !== '' ? groupId(value) : value
    return `${name}=${stored.replaceAll('^', '^^')}`
  })
  return [...terms, 'EQ'].join('^')
}

function seedTemplates(engine: Engine): void {
  for (const { key, name, shortDescription, active = true, values } of TEMPLATES) {
    const producer = seedId('std_change_record_producer', key)
    const version = seedId('std_change_producer_version', key)
    insertWithoutRules(engine, 'std_change_record_producer', {
      sys_id: producer,
      name,
      sys_name: name,
      short_description: shortDescription,
      active: String(active),
      retired: String(!active),
      category: values.category ?? '',
      current_version: version,
      template: encodedValues(values)
    })
    insertWithoutRules(engine, 'std_change_producer_version', {
      sys_id: version,
      name: `${name} - 1`,
      std_change_producer: producer,
      version: '1',
      active: String(active),
      published: 'true'
    })
  }
}

function seedModels(engine: Engine): void {
  for (const [index, { sysId, name, description, type }] of MODELS.entries()) {
    insertWithoutRules(engine, 'chg_model', {
      sys_id: sysId,
      name,
      description,
      active: 'true',
      available_in_ui: 'true',
      default_change_model: String(index === 0),
      table_name: 'change_request',
      state_field: 'state',
      order: String((index + 1) * 100),
      record_preset: `type=${type}^EQ`
    })
  }
}

function seedChoices(engine: Engine): void {
  const own = engine.settings.lifeCycle?.states.map(({ value, label }) => [value, label] as const)
  for (const { table, element, choices: shipped } of CHOICE_LISTS) {
    const choices = own !== undefined && table === 'change_request' && element === 'state' ? own : shipped
    for (const [sequence, [value, label]] of choices.entries()) {
      insertWithoutRules(engine, 'sys_choice', {
        name: table,
        element,
        value,
        label,
        language: 'en',
        sequence: String(sequence),
        inactive: 'false'
      })
    }
  }
}

/** The texts of changes, with the characters that are stored of each; a field of all tasks stands under `task`. */
function seedDictionary(engine: Engine): void {
  const tasks = definitionOf('task').fields
  for (const { name, label, type, maxLength = 4_000 } of definitionOf('change_request').fields.values()) {
    if (type !== 'string' && type !== 'journal') continue
    insertWithoutRules(engine, 'sys_dictionary', {
      name: tasks.has(name) ? 'task' : 'change_request',
      element: name,
      column_label: label,
      internal_type: type === 'journal' ? 'journal_input' : 'string',
      max_length: String(maxLength),
      active: 'true'
    })
  }
}

/** What was seeded last, for instances that begin at the same second with the same settings: tests. */
let seeded: { readonly key: string; readonly snapshot: StoreSnapshot } | undefined

/** Inserts the accounts, groups, configuration items, templates, models, choice lists and dictionary of a new instance. */
export function seed(engine: Engine): void {
  const { changeModels, lifeCycle, now } = engine.settings
  const key = `${utc(now())} ${changeModels} ${JSON.stringify(lifeCycle?.states ?? [])}`
  if (seeded?.key === key) {
    engine.store.restore(seeded.snapshot)
    return
  }
  seedAll(engine)
  seeded = { key, snapshot: engine.store.snapshot() }
}

function seedAll(engine: Engine): void {
  seedGroups(engine)
  seedAccounts(engine)
  seedCis(engine)
  seedSchedules(engine)
  seedRelations(engine)
  seedTemplates(engine)
  if (engine.settings.changeModels) seedModels(engine)
  seedChoices(engine)
  seedDictionary(engine)
}
