import type { Engine } from '../engine/engine.ts'
import { insertWithoutRules } from '../engine/records.ts'
import type { OwnRole } from './application.ts'

/**
 * Creates a role of an application, and grants it, unless the state file has it already.
 * @throws Error for an account that does not exist
 */
export function grantRole(engine: Engine, { name, holders }: OwnRole): void {
  const { store } = engine
  const role =
    store.rows('sys_user_role').find(row => row.name === name) ??
    insertWithoutRules(engine, 'sys_user_role', { name })
  for (const holder of holders) {
    const user = store.rows('sys_user').find(row => row.user_name === holder)
    if (!user) throw new Error(`role "${name}": there is no account ${holder}.`)
    const held = store
      .rows('sys_user_has_role')
      .some(row => row.user === user.sys_id && row.role === role.sys_id)
    if (!held) insertWithoutRules(engine, 'sys_user_has_role', { user: user.sys_id, role: role.sys_id })
  }
}
