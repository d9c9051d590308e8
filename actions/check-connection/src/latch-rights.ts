/** Whether the repository can be read, and what the token may do there. */
import type { LatchName } from '@change-actions/github-actions/input-sets'
import {
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

const WRITES: Readonly<Record<LatchName, WriteRight>> = {
  'protection-rule': 'deployments: write',
  rerun: 'actions: write',
  dispatch: 'actions: write'
}

/** The rights that the latch needs. Reading a workflow has a row of its own. */
export async function rightRows(check: LatchCheck, name: RepositoryName): Promise<readonly Finding[]> {
  const row = 'GitHub permissions'
  const place = fullName(name)
  const { octokit } = check.github
  const right = WRITES[check.latch]
  const reads = check.latch !== 'protection-rule'
  const read = reads
    ? { value: undefined }
    : await attemptAt(check, { check: row, place: `${place}, actions: read` }, () =>
        environmentNames(octokit, name)
      )
  const write = await attemptAt(check, { check: row, place: `${place}, ${right}` }, () =>
    checkWriteRight(octokit, name, right)
  )
  const failed = [read, write].flatMap(one => ('row' in one ? [one.row] : []))
  if (failed.length > 0) return failed
  return [good(row, `${place}: ${reads ? '' : 'actions: read, '}${right}`)]
}
