import type { Row, Store } from './store.ts'

/** The user who makes a request. */
export interface Actor {
  readonly sysId: string
  readonly userName: string
  readonly name: string
  /** IANA time zone in which dates are displayed to this user. */
  readonly timeZone: string
  /** Every role, with the roles that they contain. */
  readonly roles: ReadonlySet<string>
}

const CONTAINED_ROLES: Readonly<Record<string, readonly string[]>> = {
  sn_change_write: ['sn_change_read'],
  sn_change_admin: ['sn_change_write'],
  itil: ['sn_change_write', 'snc_internal'],
  change_manager: ['itil', 'sn_change_admin'],
  itil_admin: ['itil'],
  problem_admin: ['itil']
}

/** The instance itself: the user of flows and scheduled jobs. */
export const SYSTEM: Actor = {
  sysId: 'system',
  userName: 'system',
  name: 'System',
  timeZone: 'UTC',
  roles: new Set(['admin'])
}

function withContainedRoles(roles: readonly string[], known = new Set<string>()): Set<string> {
  for (const role of roles) {
    if (known.has(role)) continue
    known.add(role)
    withContainedRoles(CONTAINED_ROLES[role] ?? [], known)
  }
  return known
}

/** Whether the user has one of the roles, or is an administrator. */
export function hasRole(actor: Actor, ...anyOf: readonly string[]): boolean {
  return actor.roles.has('admin') || anyOf.some(role => actor.roles.has(role))
}

function roleName(store: Store, role: string): string {
  return store.get('sys_user_role', role)?.name ?? role
}

function actorFrom(store: Store, user: Row): Actor {
  const assigned = store.rows('sys_user_has_role').filter(row => row.user === user.sys_id)
  return {
    sysId: user.sys_id,
    userName: user.user_name ?? '',
    name: user.name ?? '',
    timeZone: user.time_zone || 'UTC',
    roles: withContainedRoles(assigned.map(row => roleName(store, row.role ?? '')))
  }
}

/** The user of that user name (any case); undefined when the account is inactive or locked out. */
export function findActor(store: Store, userName: string): Actor | undefined {
  return findActorBy(store, 'user_name', userName)
}

/** The user whose field has this value (any case); undefined when the account is inactive or locked out. */
export function findActorBy(store: Store, field: string, value: string): Actor | undefined {
  const wanted = value.toLowerCase()
  const user =
    value === '' ? undefined : store.rows('sys_user').find(row => row[field]?.toLowerCase() === wanted)
  if (user?.active !== 'true' || user.locked_out === 'true') return undefined
  return actorFrom(store, user)
}

/** The user of that sys_id, inactive and locked out accounts included. */
export function actorById(store: Store, sysId: string): Actor | undefined {
  const user = store.get('sys_user', sysId)
  return user && actorFrom(store, user)
}
