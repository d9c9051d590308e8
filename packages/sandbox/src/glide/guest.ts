import type { Actor } from '../engine/actor.ts'

/** The account without a name that calls a resource without authentication. */
export const GUEST: Actor = {
  sysId: 'guest',
  userName: 'guest',
  name: 'Guest',
  timeZone: 'UTC',
  roles: new Set()
}
