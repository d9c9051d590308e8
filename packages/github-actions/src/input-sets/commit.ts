import { text } from '../inputs/scalars.ts'
import type { Runtime } from '../step/runtime.ts'

/** The input that names the commit being deployed where the run was started for another one. */
export const commitInputs = {
  commit: text({ defaultText: 'the commit of the run' })
} as const

interface CommitValues {
  readonly commit?: string | undefined
}

/** A full id: a shortened one, a branch or a tag could come to mean another commit. */
export function commitProblems({ commit }: CommitValues): string[] {
  if (commit === undefined || /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(commit)) return []
  return [
    `\`commit\` must be a full commit id of 40 or 64 hex digits, as git rev-parse HEAD prints it, not \`${commit}\``
  ]
}

/** The runtime of a step that deploys the commit named by input: `sha` is that commit, in lower case. */
export function deployedCommit({ commit }: CommitValues, runtime: Runtime): Runtime {
  return commit === undefined ? runtime : { ...runtime, sha: commit.toLowerCase() }
}
