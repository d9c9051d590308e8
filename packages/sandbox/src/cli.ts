/** The sandbox as a command: see the README. */
import { readFlags, USAGE } from './cli-flags.ts'
import { loadScripts } from './load-scripts.ts'
import { startSandbox } from './sandbox.ts'
import { ACCOUNTS, API_KEYS, OAUTH_CLIENTS } from './seed/accounts.ts'

/** The accounts and example calls that are printed at the start. */
function welcome(url: string): string {
  const accounts = ACCOUNTS.filter(account => account.active !== false).map(
    account =>
      `  ${account.userName.padEnd(16)}${account.password.padEnd(20)}${account.roles.join(', ') || '(no roles)'}`
  )
  const clients = OAUTH_CLIENTS.map(
    client => `  ${client.id} / ${client.secret} (acts as ${client.applicationUser})`
  )
  const keys = API_KEYS.map(one => `  ${one.key} (acts as ${one.user})`)
  return `ServiceNow sandbox at ${url} (changes are listed there)

Accounts
${accounts.join('\n')}
OAuth client
${clients.join('\n')}
API key
${keys.join('\n')}

Create a change
  curl -u gha.deployer:deployer-password -H 'Content-Type: application/json' \\
    -d '{"short_description":"Deploy","assignment_group":"DevOps Team"}' \\
    ${url}/api/sn_chg_rest/v1/change/normal
Approve it
  curl -u anna.approver:anna-password -X PATCH -H 'Content-Type: application/json' \\
    -d '{"state":"approved"}' ${url}/api/sn_chg_rest/v1/change/SYS_ID/approvals
`
}

/** Resolves on SIGINT or SIGTERM, or after `stopAfterMs`. */
async function untilStopped(stopAfterMs: number | undefined): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = stopAfterMs === undefined ? undefined : setTimeout(resolve, stopAfterMs)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        clearTimeout(timer)
        resolve()
      })
    }
  })
}

async function main(argv: readonly string[]): Promise<void> {
  const flags = readFlags(argv)
  if (flags.help) {
    process.stdout.write(USAGE)
    return
  }
  const scripts = flags.scripts === undefined ? undefined : await loadScripts(flags.scripts)
  const sandbox = await startSandbox({ ...flags.options, ...(scripts && { scripts }) })
  const stopped = untilStopped(flags.stopAfterMs)
  process.stdout.write(`${welcome(sandbox.url)}\nready ${sandbox.url}\n`)
  await stopped
  await sandbox.stop()
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  const portInUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
  const hint = portInUse ? '. The port is in use. Fix: choose another one with --port' : ''
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${hint}\n`)
  process.exitCode = 1
}
