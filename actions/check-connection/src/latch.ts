/** The GitHub side of resume-deployments: rows of token, repositories, rights, environments and their rules. */
import type { Step } from '@change-actions/github-actions'
import { gitHubOf, repositoryNames } from '@change-actions/github-actions/github'
import type { RepositoryName } from '@change-actions/github-api'
import { bad, type Finding, good } from './finding.ts'
import { environmentRows } from './latch-environments.ts'
import type { LatchInputs } from './latch-inputs.ts'
import type { LatchCheck } from './latch-problem.ts'
import { repositoryRows, rightRows } from './latch-rights.ts'
import { tokenRow } from './latch-token.ts'
import { workflowRow } from './latch-workflow.ts'

/** An organisation is represented by so many of its repositories: each takes several requests. */
const MAX_REPOSITORIES = 50

/** Rows without a finding are told one by one up to so many repositories. */
const MAX_SINGLE = 5

/** The rows for the latch that was given; none without one. Nothing is written at GitHub. */
export async function checkLatch(step: Step<LatchInputs>): Promise<readonly Finding[]> {
  const { latch, repositories, environments, workflow } = step.inputs
  if (latch === undefined) return []
  const github = await gitHubOf(step)
  const { row, owner } = await tokenRow(github, latch)
  if (owner === undefined) return [row]
  const { names, unread } = await repositoryNames(step, repositories, github)
  const unlisted = unread.map(({ reason }) =>
    bad(
      'GitHub repository',
      'fail',
      `the repositories of the installation cannot be listed: ${reason}`,
      'give `github-token` the token of a GitHub App that is installed on the organisation, or name the repositories'
    )
  )
  const check: LatchCheck = { github, latch, owner, environments, workflow }
  const rows: Finding[] = []
  for (const name of names.slice(0, MAX_REPOSITORIES)) rows.push(...(await rowsOf(check, name)))
  return [row, ...unlisted, ...(names.length > MAX_SINGLE ? gathered(rows) : rows), ...rest(names.length)]
}

async function rowsOf(check: LatchCheck, name: RepositoryName): Promise<readonly Finding[]> {
  const repository = await repositoryRows(check, name)
  if (repository.some(row => row.result === 'fail')) return repository
  return [
    ...repository,
    ...(await rightRows(check, name)),
    ...(await environmentRows(check, name)),
    ...(await workflowRow(check, name))
  ]
}

/** Good rows of one kind become one; the others stay. */
function gathered(rows: readonly Finding[]): readonly Finding[] {
  const checks = [...new Set(rows.map(row => row.check))]
  return checks.flatMap(check => {
    const own = rows.filter(row => row.check === check)
    const fine = own.filter(row => row.result === 'ok')
    const [first] = fine
    const others = own.filter(row => row.result !== 'ok')
    return first === undefined
      ? others
      : [good(check, `${fine.length} without a finding; the first: ${first.detail}`), ...others]
  })
}

function rest(count: number): readonly Finding[] {
  if (count <= MAX_REPOSITORIES) return []
  return [
    bad(
      'GitHub repository',
      'warn',
      `${MAX_REPOSITORIES} of ${count} repositories were checked`,
      'name those that matter in `repositories`'
    )
  ]
}
