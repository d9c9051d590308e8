/** Whose token it is: a rule is decided by the App that owns it alone. */
import type { GitHub } from '@change-actions/github-actions/github'
import type { LatchName } from '@change-actions/github-actions/input-sets'
import { ownLogin } from '@change-actions/github-api'
import { bad, type Finding, good } from './finding.ts'
import { attemptAt, type TokenOwner } from './latch-problem.ts'

const CHECK = 'GitHub token'
const JOB = 'github-actions[bot]'
const MAKE_ONE =
  'give `github-token` the token of a GitHub App, for example from actions/create-github-app-token: `github-token: ${{ steps.app.outputs.token }}`'

/** The row, and whose token it is; undefined where it is no valid one. */
export async function tokenRow(
  github: GitHub,
  latch: LatchName
): Promise<{ readonly row: Finding; readonly owner: TokenOwner | undefined }> {
  const asked = await attemptAt({ github }, { check: CHECK, place: 'the token' }, () =>
    ownLogin(github.octokit)
  )
  if ('row' in asked) return { row: asked.row, owner: undefined }
  const owner = ownerOf(asked.value)
  return { row: rowOf(owner, latch), owner }
}

function ownerOf(login: string): TokenOwner {
  if (login === JOB) return { kind: 'job', name: login }
  return login.endsWith('[bot]')
    ? { kind: 'app', name: login.slice(0, -'[bot]'.length) }
    : { kind: 'person', name: login }
}

function rowOf({ kind, name }: TokenOwner, latch: LatchName): Finding {
  if (kind === 'app') return good(CHECK, `of the GitHub App ${name}`)
  if (latch === 'protection-rule')
    return bad(
      CHECK,
      'fail',
      kind === 'job'
        ? "it is the job's own token, which owns no protection rule"
        : `it is a personal token of ${name}: a protection rule is decided by its GitHub App alone`,
      MAKE_ONE
    )
  if (kind === 'job') return good(CHECK, "it is the job's own token, which reaches its own repository alone")
  return bad(
    CHECK,
    'warn',
    `it is a personal token of ${name}: it ends with the account, and acts in its name`,
    MAKE_ONE
  )
}
