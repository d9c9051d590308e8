import type { Row, Store } from './store.ts'

/** Who makes a request, with every role, contained ones included. */
export interface Actor {
  readonly sysId: string
  readonly userName: string
  readonly name: string
  /** IANA zone in which dates are shown to this user. */
  readonly timeZone: string
  readonly roles: ReadonlySet<string>
}

const CONTAINED: Readonly<Record<string, readonly string[]>> = {
  sn_change_write: ['sn_change_read'],
  sn_change_admin: ['sn_change_write'],
  itil: ['sn_change_write', 'snc_internal'],
  change_manager: ['itil', 'sn_change_admin']
}

/** The instance itself, for what flows and timers do. */
export const SYSTEM: Actor = {
  sysId: 'system',
  userName: 'system',
  name: 'System',
  timeZone: 'UTC',
  roles: new Set(['admin'])
}

function expand(roles: readonly string[], known = new Set<string>()): Set<string> {
  for (const role of roles) {
    if (known.has(role)) continue
    known.add(role)
    expand(CONTAINED[role] ?? [], known)
  }
  return known
}

export function hasRole(actor: Actor, ...anyOf: readonly string[]): boolean {
  return actor.roles.has('admin') || anyOf.some(role => actor.roles.has(role))
}

function actorFrom(store: Store, user: Row): Actor {
  const own = store.rows('sys_user_has_role').filter(row => row.user === user.sys_id)
  return {
    sysId: user.sys_id,
    userName: user.user_name ?? '',
    name: user.name ?? '',
    timeZone: user.time_zone || 'UTC',
    roles: expand(own.map(row => row.role ?? ''))
  }
}

/** The account of that name, unless it is inactive or locked out. */
export function actorNamed(store: Store, userName: string): Actor | undefined {
  const user = store.rows('sys_user').find(row => row.user_name?.toLowerCase() === userName.toLowerCase())
  if (user?.active !== 'true' || user.locked_out === 'true') return undefined
  return actorFrom(store, user)
}

/** Like {@link actorNamed}, by sys_id and whatever its standing. */
export function actorWithId(store: Store, sysId: string): Actor | undefined {
  const user = store.get('sys_user', sysId)
  return user && actorFrom(store, user)
}
