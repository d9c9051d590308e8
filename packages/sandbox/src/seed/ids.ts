import type { Engine } from '../engine/engine.ts'
import { sysIdOf } from '../engine/store.ts'

/** Records that have the same sys_id on every instance of ServiceNow. */
const STOCK_IDS: Readonly<Record<string, string>> = {
  'sys_user admin': '6816f79cc0a8016401c5a33be04be441',
  'sys_user_role admin': '2831a114c611228501d4ea6c309d626d',
  'sys_user_role itil': '282bf1fac6112285017366cb5f867469'
}

/** The sys_id of a seeded record, the same in every sandbox: `seedId('sys_user_group', 'devops-team')`. */
export function seedId(table: string, key: string): string {
  return STOCK_IDS[`${table} ${key}`] ?? sysIdOf(`seed ${table} ${key}`)
}

/** The sys_id of a group of the instance by its name. @throws Error when it has none */
export function groupIdOf({ store }: Engine, name: string): string {
  const group = store.rows('sys_user_group').find(row => row.name === name)
  if (!group) throw new Error(`There is no seeded group ${name}.`)
  return group.sys_id
}

/** The sys_id of a role of the instance by its name. @throws Error when it has none */
export function roleIdOf({ store }: Engine, name: string): string {
  const role = store.get('sys_user_role', seedId('sys_user_role', name))
  if (!role) throw new Error(`There is no seeded role ${name}.`)
  return role.sys_id
}
