import { toArtifactDigest } from '@change-actions/change-control'
import { checkoutProblems, NO_SOURCE, withDeployedCommit } from '../checkout/deployed-commit.ts'
import { listOf } from '../inputs/lists.ts'
import { text } from '../inputs/scalars.ts'
import type { Log } from '../log.ts'
import { type Env, type Runtime, readRuntime } from '../step/runtime.ts'

/** The input that names the commit being deployed where the run was started for another one. */
export const statedCommitInputs = {
  commit: text({ defaultText: 'the commit of the run' })
} as const

/** The same, of steps that hold the commit against what is checked out. */
export const commitInputs = {
  commit: text({ defaultText: 'what is checked out, else the commit of the run' }),
  source: text({ defaultText: 'the workspace' })
} as const

/** What is deployed, where that can be told by digests. */
export const artifactInputs = {
  artifactDigest: listOf(toArtifactDigest, { rule: 'sha256: and 64 hex digits' })
} as const

interface CommitValues {
  readonly commit?: string | undefined
  readonly artifactDigest?: readonly string[] | undefined
  readonly source?: string | undefined
}

/** A full id: a shortened one, a branch or a tag could come to mean another commit. */
export function statedCommitProblems({ commit }: CommitValues): string[] {
  if (commit === undefined || /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(commit)) return []
  return [
    `\`commit\` must be a full commit id of 40 or 64 hex digits, as git rev-parse HEAD prints it, not \`${commit}\``
  ]
}

/** What is wrong with the commit by itself, and with what is checked out. */
export function commitProblems(values: CommitValues, { env }: { readonly env: Env }): string[] {
  const problems = statedCommitProblems(values)
  if (problems.length > 0) return problems
  const { artifactDigest: digests = [], commit, source } = values
  if (source === NO_SOURCE && commit === undefined && digests.length === 0)
    return [
      '`source: none` needs `commit` or `artifact-digest`: there is no checkout that tells what is deployed'
    ]
  return checkoutProblems(values, readRuntime(env))
}

/** The runtime of a step that is told the commit: `sha` is that commit, in lower case. */
export function statedCommit({ commit }: CommitValues, runtime: Runtime): Runtime {
  return commit === undefined ? runtime : { ...runtime, sha: commit.toLowerCase(), runSha: runtime.sha }
}

/** The runtime of a step that deploys, with the commit that is checked out, and a line where that is another one. */
export function deployedCommit(values: CommitValues, runtime: Runtime, log: Log): Runtime {
  const deployed = withDeployedCommit(values, runtime)
  if (deployed.commitBasis === 'unreadable')
    log.warning(
      'The HEAD of the checkout is of a form that is not understood: the commit is stated, not observed.'
    )
  else if (deployed.commitBasis === 'observed' && values.commit === undefined && deployed.sha !== runtime.sha)
    log.info(
      `Commit ${deployed.sha} is checked out, and the run is of ${runtime.sha}: what is checked out is deployed.`
    )
  return deployed
}
