/** What the rows about GitHub have in common: what is checked, and what a refusal of GitHub says as a row. */
import { type GitHub, reasonOf } from '@change-actions/github-actions/github'
import type { LatchName } from '@change-actions/github-actions/input-sets'
import type { GitHubProblem, PermissionFacts, RepositoryName } from '@change-actions/github-api'
import { bad, type Finding } from './finding.ts'

/** Who signs in at GitHub. */
export interface TokenOwner {
  readonly kind: 'app' | 'job' | 'person'
  /** The App's short name, or the person's. */
  readonly name: string
}

/** What all rows of one check need. */
export interface LatchCheck {
  readonly github: GitHub
  readonly latch: LatchName
  readonly owner: TokenOwner
  /** Names; all of the repository where there are none. */
  readonly environments: readonly string[]
  /** The file, with `dispatch`. */
  readonly workflow: string | undefined
}

/** A repository as people write it. */
export function fullName({ owner, repo }: RepositoryName): string {
  return `${owner}/${repo}`
}

/** Runs a check about GitHub; a refusal becomes a row that begins with what was looked at. */
export async function attemptAt<T>(
  { github }: Pick<LatchCheck, 'github'>,
  { check, place, otherwise = 'fail' }: { check: string; place: string; otherwise?: 'warn' | 'fail' },
  request: () => Promise<T>
): Promise<{ readonly value: T } | { readonly row: Finding }> {
  try {
    return { value: await github.send(request) }
  } catch (error) {
    if (!github.isProblem(error)) throw error
    return { row: bad(check, otherwise, `${place}: ${reasonOf(error)}`, fixOf(error)) }
  }
}

const APP = 'install the GitHub App on the repository'

/** What to do about a refusal. */
export function fixOf({ code, facts }: GitHubProblem): string {
  if (code === 'credentials')
    return 'give `github-token` a token that is valid; that of a GitHub App ends after an hour'
  if (code === 'no-permission') return permissionFix(facts as PermissionFacts)
  if (code === 'not-found') return `see that the name is right, and ${APP}`
  if (code === 'rate-limit') return "check again later: GitHub's rate limit is reached"
  return "see that the runner reaches GitHub's API, through its proxy where there is one"
}

function permissionFix({ accepted, sso }: PermissionFacts): string {
  if (sso !== undefined) return 'authorise the token for the single sign-on of the organisation'
  const right = accepted === undefined ? '' : ` ${accepted.replaceAll('=', ': ').replaceAll('; ', ' or ')}`
  return `give the GitHub App the permission${right === '' ? ' that is missing' : right}, accept it in the installation, and ask for it where the token is made`
}
