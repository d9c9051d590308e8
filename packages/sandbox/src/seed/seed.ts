import { utc } from '../engine/dates.ts'
import type { Engine } from '../engine/engine.ts'
import { insertWithoutRules } from '../engine/records.ts'
import type { StoreSnapshot } from '../engine/store.ts'
import { ACCOUNTS } from './accounts.ts'
import { CHOICE_LISTS } from './choices.ts'
import { groupIdOf, roleIdOf, seedId } from './ids.ts'
import { seedRelations, seedSchedules } from './planning.ts'
import { CIS, type CiSeed, GROUPS, MODELS, TEMPLATES, type TemplateSeed } from './records.ts'
import { STOCK_CIS, STOCK_TEMPLATES } from './stock/records.ts'
import { seedStock, seedStockGroups } from './stock/seed-stock.ts'

export { seedId } from './ids.ts'

/** The roles of the instance. */
const ROLES = [
  'admin',
  'itil',
  'itil_admin',
  'approver_user',
  'change_manager',
  'problem_admin',
  'user_admin',
  'catalog_admin',
  'knowledge_admin',
  'sn_change_read',
  'sn_change_write',
  'sn_change_admin',
  'snc_internal',
  'evt_mgmt_integration',
  'import_set_loader'
]

function seedRoles(engine: Engine): void {
  for (const name of ROLES) {
    insertWithoutRules(engine, 'sys_user_role', { sys_id: seedId('sys_user_role', name), name })
  }
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
    for (const role of account.roles)
      insertWithoutRules(engine, 'sys_user_has_role', { user, role: roleIdOf(engine, role) })
    const groups = engine.store
      .rows('sys_user_group')
      .filter(({ name }) => name && account.groups?.includes(name))
    for (const group of groups) {
      insertWithoutRules(engine, 'sys_user_grmember', { user, group: group.sys_id })
    }
  }
}

function seedCis(engine: Engine, cis: readonly CiSeed[]): void {
  for (const { key, name, className, status = '1', maintenance } of cis) {
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
function encodedValues(engine: Engine, values: Readonly<Record<string, string>>): string {
  const terms = Object.entries(values).map(([name, value]) => {
    const stored = name === 'assignment_group' && value !== '' ? groupIdOf(engine, value) : value
    return `${name}=${stored.replaceAll('^', '^^')}`
  })
  return [...terms, 'EQ'].join('^')
}

function seedTemplates(engine: Engine, templates: readonly TemplateSeed[]): void {
  for (const { key, name, shortDescription, active = true, values } of templates) {
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
      template: encodedValues(engine, values)
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

/** What was seeded last, for instances that begin at the same second with the same settings: tests. */
let seeded: { readonly key: string; readonly snapshot: StoreSnapshot } | undefined

/** Inserts the accounts, groups, configuration items, templates, models and choice lists of a new instance. */
export function seed(engine: Engine): void {
  const { changeModels, lifeCycle, now, seed: name } = engine.settings
  const key = `${name} ${utc(now())} ${changeModels} ${JSON.stringify(lifeCycle?.states ?? [])}`
  if (seeded?.key === key) {
    engine.store.restore(seeded.snapshot)
    return
  }
  seedAll(engine)
  seeded = { key, snapshot: engine.store.snapshot() }
}

function seedAll(engine: Engine): void {
  const isStock = engine.settings.seed === 'stock'
  seedRoles(engine)
  if (isStock) seedStockGroups(engine)
  else seedGroups(engine)
  seedAccounts(engine)
  seedCis(engine, isStock ? STOCK_CIS : CIS)
  seedSchedules(engine)
  if (!isStock) seedRelations(engine)
  seedTemplates(engine, isStock ? STOCK_TEMPLATES : TEMPLATES)
  if (engine.settings.changeModels) seedModels(engine)
  seedChoices(engine)
  if (isStock) seedStock(engine)
}
