import { lookup } from 'node:dns/promises'
import { type ClientProblem, isClientProblem, type ServiceNowClient } from '@change-actions/servicenow-client'
import { attempt, bad, type Finding, failed, good, skipped } from './finding.ts'
import type { CheckInputs } from './inputs.ts'

/** Whether the host has an address; behind a proxy the proxy looks it up. */
export async function checkName(instance: string, proxy: string): Promise<Finding> {
  const host = new URL(instance).hostname.replace(/^\[|\]$/g, '')
  if (proxy !== '') return skipped('Name', `${host} is resolved by the proxy`)
  try {
    const { address } = await lookup(host)
    return good('Name', `${host} is ${address}`)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    return bad(
      'Name',
      'fail',
      `${host} has no address (${code})`,
      'check the instance name for a typing mistake; a self-hosted runner may need its own name server or a proxy'
    )
  }
}

/** The proxy in use, without its credentials. */
export function checkProxy(proxy: string): Finding {
  if (proxy === '') return good('Proxy', 'none')
  const { protocol, host } = new URL(proxy)
  return good('Proxy', `${protocol}//${host}`)
}

const UNREACHABLE = new Set<string>([
  'dns',
  'refused',
  'dns-down',
  'connection',
  'request-timeout',
  'proxy',
  'proxy-down',
  'truncated',
  'response-too-long',
  'unavailable',
  'not-json',
  'not-servicenow',
  'redirect',
  'hibernating',
  'login-page'
])
const TLS = new Set<string>(['tls', 'client-certificate'])
const SIGN_IN = new Set<string>(['sign-in', 'sign-in-missing', 'identity-token', 'credentials'])

/** What the first request told. */
export interface FirstContact {
  readonly findings: readonly Finding[]
  /** Further requests make sense. */
  readonly signedIn: boolean
}

/** Problems of every server that is not an instance, also of one that never looked at the credentials. */
const NOT_KNOWN = new Set<string>(['not-found', 'api-missing', 'bad-request', 'unexpected'])

/** Both APIs: an instance may lack one of them, and one that lacks both is none. */
const FIRST_PATHS = ['/api/now/table/change_request', '/api/sn_chg_rest/v1/change']

/** The problem of the first request, or of the second where the first path is not known. */
async function firstProblem(client: ServiceNowClient): Promise<ClientProblem | undefined> {
  let problem: ClientProblem | undefined
  for (const path of FIRST_PATHS) {
    try {
      await client.probe(path, 'signing in and reading a change')
      return undefined
    } catch (error) {
      if (!isClientProblem(error)) throw error
      problem = error
      if (!NOT_KNOWN.has(error.code)) return problem
    }
  }
  return problem
}

/** What the first contact works with. */
export interface Contact {
  /** In front of the APIs; '' without one. */
  readonly apiPath: string
  /** How the client signs in, in a few words. */
  readonly signIn: string
  /** Epoch milliseconds on the runner. */
  now(): number
}

/** The first signed-in request tells connection, TLS and sign-in apart. */
export async function checkContact(
  client: ServiceNowClient,
  { apiPath, signIn, now }: Contact
): Promise<FirstContact> {
  const secure = client.instance.startsWith('https:')
  const tls = secure ? good('TLS', 'the certificate is trusted') : skipped('TLS', 'plain http on loopback')
  const error = await firstProblem(client)
  if (error !== undefined) {
    if (UNREACHABLE.has(error.code))
      return { findings: [await failed('Connection', 'fail', error)], signedIn: false }
    if (TLS.has(error.code)) return { findings: [await failed('TLS', 'fail', error)], signedIn: false }
    if (SIGN_IN.has(error.code)) {
      return {
        findings: [
          good('Connection', `${client.instance}${apiPath}`),
          tls,
          await refusedSignIn(signIn, error),
          // Clocks that differ are a reason to refuse what is signed.
          ...[checkClock(client, now())].filter(one => one.result === 'warn')
        ],
        signedIn: false
      }
    }
    if (NOT_KNOWN.has(error.code))
      return { findings: [await failed('Connection', 'fail', error)], signedIn: false }
  }
  return {
    findings: [
      good('Connection', `${client.instance}${apiPath}`),
      tls,
      good('Sign-in', `accepted: ${signIn}`)
    ],
    signedIn: true
  }
}

async function refusedSignIn(signIn: string, problem: ClientProblem): Promise<Finding> {
  const row = await failed('Sign-in', 'fail', problem)
  return { ...row, detail: `${signIn}: ${row.detail}` }
}

/** The two APIs; only the one that is configured is needed. */
export async function checkApis(client: ServiceNowClient, api: CheckInputs['api']): Promise<Finding[]> {
  const management = await checkList(client, {
    check: 'Change Management API',
    path: '/api/sn_chg_rest/v1/change',
    otherwise: api === 'change-management' ? 'fail' : 'warn',
    hidden: 'no change is readable'
  })
  const table = await checkList(client, {
    check: 'Table API',
    path: '/api/now/table/change_request',
    otherwise: api === 'table' ? 'fail' : 'warn',
    hidden: 'no change is readable'
  })
  return [management, table]
}

/** Tables and resources the actions read when they can. */
const READS = [
  [
    'Read assignment groups',
    '/api/now/table/sys_user_group',
    'names of groups cannot be checked before the change is created'
  ],
  ['Read users', '/api/now/table/sys_user', 'names of users cannot be checked before the change is created'],
  [
    'Read configuration items',
    '/api/now/table/cmdb_ci',
    'names of CIs cannot be checked before the change is created'
  ],
  ['Read choices', '/api/now/table/sys_choice', 'labels such as risk: low are left to the instance'],
  ['Read templates', '/api/now/table/std_change_record_producer', 'on api: table standard changes need it'],
  ['Read approvals', '/api/now/table/sysapproval_approver', 'the log cannot say who has yet to approve'],
  ['Read change tasks', '/api/now/table/change_task', 'open tasks cannot be closed with the change'],
  [
    'Read attachments',
    '/api/now/attachment',
    'files cannot be attached safely: a repeat is recognised by what is there'
  ]
] as const

/** Whether the account may read what the actions read when they can. */
export async function checkReads(client: ServiceNowClient): Promise<Finding[]> {
  return Promise.all(
    READS.map(([check, path, without]) =>
      checkList(client, { check, path, otherwise: 'warn', hidden: without })
    )
  )
}

/** Whether the instance evaluates the term by which a change is known to be created by our account. */
export async function checkCreator(
  client: ServiceNowClient,
  trustedAccounts: readonly string[]
): Promise<Finding> {
  const check = 'Creator of changes'
  return attempt(check, 'warn', async () => {
    const name = await client.ownName()
    if (name !== undefined) return good(check, `the instance knows the account as ${name}`)
    if (trustedAccounts.length > 0) return good(check, `trusted-accounts: ${trustedAccounts.join(', ')}`)
    return bad(
      check,
      'warn',
      'the instance does not tell who the account is (javascript:gs.getUserName() in a query), or its own sys_user row is hidden: its own changes may not be found again',
      'give the account read access to its own sys_user row; where the instance evaluates no scripts in queries, name the account in `trusted-accounts`'
    )
  })
}

/** Whether it can be told who wrote a note. Its rules hide rows without an error. */
export async function checkJournal(
  client: ServiceNowClient,
  bindingKey: string | undefined
): Promise<Finding> {
  const check = 'Writers of work notes'
  if (bindingKey !== undefined) return good(check, 'notes are signed with the binding key')
  const path = '/api/now/table/sys_journal_field'
  return attempt(check, 'warn', async () => {
    const found = await client.probe(path, `reading ${path}`)
    if (found.rows.length > 0) return good(check, path)
    return bad(
      check,
      'warn',
      'no row of sys_journal_field is shown: notes of the actions cannot be told from those of others, so a forged note could close a gate (it can never open one)',
      'give the account read access to sys_journal_field for rows of change_request, or give every step the same `binding-key`'
    )
  })
}

async function checkList(
  client: ServiceNowClient,
  about: { check: string; path: string; otherwise: 'warn' | 'fail'; hidden: string }
): Promise<Finding> {
  const { check, path, otherwise, hidden } = about
  return attempt(check, otherwise, async () => {
    const found = await client.probe(path, `reading ${path}`)
    if (!found.hidden) return good(check, path)
    return bad(
      check,
      otherwise,
      `rows of ${path} are hidden from the account: ${hidden}`,
      'give the service account read access'
    )
  })
}

const WRITERS = ['sn_change_write', 'itil', 'change_manager', 'sn_change_admin', 'admin']
/** With any of these the account could approve, or pass every rule: automation must not be able to approve itself. */
const TOO_MUCH_POWER = ['admin', 'approver_user', 'itil', 'change_manager', 'sn_change_admin']

/** What the account may do, as far as it can be told without writing. */
export async function checkRoles(client: ServiceNowClient): Promise<Finding[]> {
  const roles = await client.ownRoles()
  if (roles === undefined) {
    return [
      bad(
        'Roles',
        'warn',
        'the account cannot read its own roles, so it is not known whether it may write',
        'have an administrator see that it has sn_change_write, and nothing that lets it approve'
      )
    ]
  }
  const writes = roles.find(role => WRITERS.includes(role))
  const power = roles.filter(role => TOO_MUCH_POWER.includes(role))
  return [
    writes === undefined
      ? bad(
          'Write changes',
          'fail',
          `none of ${WRITERS.slice(0, 3).join(', ')} among the account's roles`,
          'give the service account sn_change_write'
        )
      : good('Write changes', `role ${writes}`),
    power.length === 0
      ? good('Least privilege', 'no role that approves or administers')
      : bad(
          'Least privilege',
          'warn',
          `the account has ${power.join(', ')}: it may be able to approve its own deployments`,
          'use an account with sn_change_read and sn_change_write alone'
        )
  ]
}

const MAX_SKEW_MS = 30_000

/** How far the instance's clock is from the runner's. @param now epoch milliseconds on the runner */
export function checkClock(client: ServiceNowClient, now: number): Finding {
  const skew = client.now() - now
  const text = `the instance is ${Math.round(Math.abs(skew) / 1000)} s ${skew < 0 ? 'behind' : 'ahead of'} the runner`
  if (Math.abs(skew) < 2_000) return good('Clock', 'runner and instance agree')
  if (Math.abs(skew) <= MAX_SKEW_MS) return good('Clock', text)
  return bad(
    'Clock',
    'warn',
    text,
    "correct the runner's clock; windows are judged by the instance's, but relative dates (+2h) by the runner's"
  )
}
