import { ACCOUNTS, API_KEYS, OAUTH_CLIENTS } from './seed/accounts.ts'

/**
 * The accounts and example calls that are printed at the start.
 * @param ownSecret whether a password was given instead of the public ones: it is not printed
 */
export function welcome(url: string, ownSecret: boolean): string {
  const shown = (secret: string) => (ownSecret ? '$SANDBOX_PASSWORD' : secret)
  const accounts = ACCOUNTS.filter(account => account.active !== false).map(
    ({ userName, password, roles }) =>
      `  ${userName.padEnd(16)}${shown(password).padEnd(20)}${roles.join(', ') || '(no roles)'}`
  )
  const clients = OAUTH_CLIENTS.map(
    one => `  ${one.id} / ${shown(one.secret)} (acts as ${one.applicationUser})`
  )
  const keys = API_KEYS.map(one => `  ${shown(one.key)} (acts as ${one.user})`)
  const sign = (user: string, password: string) => `-u "${user}:${shown(password)}"`
  return `ServiceNow sandbox at ${url} (changes are listed there)

Accounts
${accounts.join('\n')}
OAuth client
${clients.join('\n')}
API key
${keys.join('\n')}

Create a change
  curl ${sign('gha.deployer', 'deployer-password')} -H 'Content-Type: application/json' \\
    -d '{"short_description":"Deploy","assignment_group":"DevOps Team"}' \\
    ${url}/api/sn_chg_rest/v1/change/normal
Approve it
  curl ${sign('anna.approver', 'anna-password')} -X PATCH -H 'Content-Type: application/json' \\
    -d '{"state":"approved"}' ${url}/api/sn_chg_rest/v1/change/SYS_ID/approvals
`
}
