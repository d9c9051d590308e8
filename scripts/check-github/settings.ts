/** What the script is told, by flags and variables. Secrets come from the environment alone. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

export interface Settings {
  readonly owner: string
  readonly repo: string
  readonly apiUrl: string
  /** A person's token: makes and removes what the questions need. */
  readonly token: string
  /** Undefined: questions about protection rules are not asked. */
  readonly app: { readonly id: string; readonly privateKey: string } | undefined
  /** How the App's webhook is set, for the report. */
  readonly webhook: string
  /** Only removes what an earlier run left. */
  readonly clean: boolean
}

export const USAGE = `Usage: node scripts/check-github.ts --repository OWNER/NAME [--webhook inactive|failing|active] [--clean]

Answers what GitHub does not document about waiting deployments, in a repository of your own, and prints a report in
Markdown. It makes branches, environments and workflow runs whose names begin with servicenow-check-, and removes them,
also when it is interrupted. --clean removes what a run left that was killed.

CHECK_GITHUB_TOKEN           a personal token for that repository: administration, actions, contents, deployments,
                             environments and workflows: write
CHECK_GITHUB_APP_ID          App id or client id of a GitHub App with actions: write, deployments: write and the event
                             "Deployment protection rule", installed on the repository. Without it fewer questions are asked
CHECK_GITHUB_APP_KEY         its private key: PEM text, or the path of a file
GITHUB_API_URL               https://HOST/api/v3 for GitHub Enterprise Server`

/** @throws Error that says what is missing */
export function settingsFrom(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>
): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      repository: { type: 'string' },
      webhook: { type: 'string', default: 'not stated' },
      clean: { type: 'boolean', default: false }
    }
  })
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(values.repository ?? '') ?? []
  if (owner === undefined || repo === undefined)
    throw new Error('--repository is missing, or is not OWNER/NAME')
  const token = env.CHECK_GITHUB_TOKEN ?? ''
  if (token === '') throw new Error('CHECK_GITHUB_TOKEN is not set')
  const id = env.CHECK_GITHUB_APP_ID ?? ''
  const key = env.CHECK_GITHUB_APP_KEY ?? ''
  if ((id === '') !== (key === ''))
    throw new Error('CHECK_GITHUB_APP_ID and CHECK_GITHUB_APP_KEY belong together')
  return {
    owner,
    repo,
    token,
    apiUrl: (env.GITHUB_API_URL ?? 'https://api.github.com').replace(/\/$/, ''),
    app:
      id === ''
        ? undefined
        : { id, privateKey: key.includes('-----BEGIN') ? key : readFileSync(key, 'utf8') },
    webhook: values.webhook,
    clean: values.clean
  }
}
