/** The accounts of the sandbox. Their passwords are public, so the sandbox listens on loopback only. */

export interface Account {
  readonly userName: string
  readonly password: string
  readonly name: string
  readonly roles: readonly string[]
  /** Names of the groups that the account is a member of. */
  readonly groups?: readonly string[]
  /** IANA name. Default UTC. */
  readonly timeZone?: string
  /** Default true. */
  readonly active?: boolean
  /** Default: the user name at `sandbox.example`. */
  readonly email?: string
}

export interface OAuthClient {
  readonly id: string
  readonly secret: string
  /** User name of the account for client credentials ("OAuth Application User"). */
  readonly applicationUser: string
}

export const OAUTH_CLIENTS: readonly OAuthClient[] = [
  { id: 'github-actions', secret: 'sandbox-client-secret', applicationUser: 'gha.deployer' }
]

export const API_KEYS: readonly { key: string; user: string }[] = [
  { key: 'sandbox-api-key', user: 'gha.deployer' }
]

export const ACCOUNTS: readonly Account[] = [
  {
    userName: 'gha.deployer',
    password: 'deployer-password',
    name: 'GitHub Actions',
    // Not UTC, so that display values differ from stored values.
    timeZone: 'America/Los_Angeles',
    roles: ['sn_change_read', 'sn_change_write', 'snc_internal', 'evt_mgmt_integration', 'import_set_loader']
  },
  {
    userName: 'gha.narrow',
    password: 'narrow-password',
    name: 'GitHub Actions (narrow)',
    timeZone: 'America/Los_Angeles',
    roles: ['sn_change_read', 'sn_change_write']
  },
  {
    userName: 'gha.reader',
    password: 'reader-password',
    name: 'GitHub Actions (reader)',
    roles: ['sn_change_read', 'snc_internal']
  },
  { userName: 'no.roles', password: 'no-roles-password', name: 'Nora Norole', roles: [] },
  {
    userName: 'anna.approver',
    password: 'anna-password',
    name: 'Anna Approver',
    timeZone: 'Europe/Berlin',
    roles: ['itil', 'approver_user'],
    groups: ['CAB Approval']
  },
  {
    userName: 'ben.approver',
    password: 'ben-password',
    name: 'Ben Approver',
    roles: ['itil', 'approver_user'],
    groups: ['CAB Approval']
  },
  {
    userName: 'dora.devops',
    password: 'dora-password',
    name: 'Dora Devops',
    roles: ['itil', 'approver_user'],
    groups: ['DevOps Team']
  },
  {
    userName: 'paul.platform',
    password: 'paul-password',
    name: 'Paul Platform',
    roles: ['itil', 'approver_user'],
    groups: ['Platform Team', 'Database Team']
  },
  { userName: 'lea.leaver', password: 'lea-password', name: 'Lea Leaver', roles: ['itil'], active: false },
  {
    userName: 'admin',
    password: 'admin-password',
    name: 'System Administrator',
    email: 'admin@example.com',
    timeZone: 'America/Los_Angeles',
    roles: ['admin']
  }
]
