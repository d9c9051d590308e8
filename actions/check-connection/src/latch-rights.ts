/** Whether the repository can be read, and what the token may do there. */
import type { LatchName } from '@change-actions/github-actions/input-sets'
import {
  checkContentsRight,
  checkWriteRight,
  environmentNames,
  type RepositoryName,
  repositoryName,
  type WriteRight
} from '@change-actions/github-api'
import { type Finding, good } from './finding.ts'
import { attemptAt, fullName, type LatchCheck } from './latch-problem.ts'

/** Whether the token sees the repository. */
export async function repositoryRows(check: LatchCheck, name: RepositoryName): Promise<readonly Finding[]> {
  const row = 'GitHub repository'
  const place = fullName(name)
  const { octokit } = check.github
  const asked = await attemptAt(check, { check: row, place }, () => repositoryName(octokit, name))
  if (!('row' in asked)) return [good(row, `${asked.value} can be read`)]
  if (check.owner.kind !== 'job') return [asked.row]
  const fix =
    "the job's own token reaches its own repository alone: give `github-token` the token of a GitHub App"
  return [{ ...asked.row, fix }]
}

/** A right, and a request that is refused without it. */
interface Right {
  readonly right: string
  readonly ask: (octokit: LatchCheck['github']['octokit'], name: RepositoryName) => Promise<unknown>
}

const write = (right: WriteRight): Right => ({
  right,
  ask: (octokit, name) => checkWriteRight(octokit, name, right)
})
const READ_ACTIONS: Right = { right: 'actions: read', ask: environmentNames }
const READ_CONTENTS: Right = { right: 'contents: read', ask: checkContentsRight }

/** What resume-deployments asks of GitHub, by latch. */
const RIGHTS: Readonly<Record<LatchName, readonly Right[]>> = {
  'protection-rule': [READ_ACTIONS, write('deployments: write')],
  rerun: [write('actions: write')],
  // The commit that the branch or tag names is compared before each start.
  dispatch: [write('actions: write'), READ_CONTENTS]
}

/** The rights that the latch needs. */
export async function rightRows(check: LatchCheck, name: RepositoryName): Promise<readonly Finding[]> {
  const row = 'GitHub permissions'
  const place = fullName(name)
  const failed: Finding[] = []
  for (const { right, ask } of RIGHTS[check.latch]) {
    const asked = await attemptAt(check, { check: row, place: `${place}, ${right}` }, () =>
      ask(check.github.octokit, name)
    )
    if ('row' in asked) failed.push(asked.row)
  }
  if (failed.length > 0) return failed
  return [good(row, `${place}: ${RIGHTS[check.latch].map(one => one.right).join(', ')}`)]
}
