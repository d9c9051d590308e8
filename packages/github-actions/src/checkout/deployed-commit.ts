import { existsSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import type { Runtime } from '../step/runtime.ts'
import { gitFolders, writtenAt } from './git-files.ts'
import { readHead } from './head.ts'
import { isOfRepository } from './origin.ts'

/** What the inputs say of the commit. */
export interface CommitInputs {
  readonly commit?: string | undefined
  /** Folder of the checkout, relative to the workspace; `none` where there is none. */
  readonly source?: string | undefined
}

/** A checkout, as its files tell. */
export type Checkout =
  | { readonly kind: 'observed'; readonly commit: string }
  /** None, one left by an earlier job, or one of another repository. */
  | { readonly kind: 'none' }
  /** Its HEAD is of a form that is not understood. */
  | { readonly kind: 'unreadable' }

/** The value of `source` that says that what is deployed does not come from a checkout. */
export const NO_SOURCE = 'none'

/**
 * The checkout of this job: in the folder that `source` names, written since the job began, and of this repository.
 */
export function observeCheckout(source: string | undefined, runtime: Runtime): Checkout {
  if (source === NO_SOURCE) return { kind: 'none' }
  const folders = gitFolders(resolve(runtime.workspace, source ?? '.'))
  if (folders === undefined || !isOfRepository(folders, runtime)) return { kind: 'none' }
  const jobBegan = runtime.eventPath === '' ? undefined : writtenAt(runtime.eventPath)
  const written = ['HEAD', 'FETCH_HEAD'].map(file => writtenAt(join(folders.own, file)) ?? 0)
  if (jobBegan !== undefined && Math.max(...written) < jobBegan) return { kind: 'none' }
  const commit = readHead(folders)
  return commit === undefined ? { kind: 'unreadable' } : { kind: 'observed', commit }
}

/** What is wrong with `source`, and with a `commit` that is not the one that is checked out. */
export function checkoutProblems({ commit, source }: CommitInputs, runtime: Runtime): string[] {
  const misplaced = sourceProblem(source, runtime.workspace)
  if (misplaced !== undefined) return [misplaced]
  const checkout = observeCheckout(source, runtime)
  if (commit === undefined || checkout.kind !== 'observed') return []
  const given = commit.toLowerCase()
  if (given === checkout.commit) return []
  return [
    `\`commit\` is ${given}, and ${checkout.commit} is checked out in ${source ?? 'the workspace'}: check out the commit that is deployed, leave \`commit\` out, or give \`source\` (the folder of its checkout; \`none\` where what is deployed does not come from a checkout)`
  ]
}

function sourceProblem(source: string | undefined, workspace: string): string | undefined {
  if (source === undefined || source === NO_SOURCE) return undefined
  const path = relative(workspace, resolve(workspace, source))
  if (path.startsWith('..') || isAbsolute(path))
    return `\`source\` must be a folder of the workspace, not \`${source}\``
  return existsSync(resolve(workspace, source))
    ? undefined
    : `\`source\` names ${source}, and there is no such folder: check out before this step, or give \`source: none\``
}

/**
 * The runtime of a step that deploys: `sha` is the commit being deployed, in lower case, and `commitBasis` how it is
 * known. What is checked out counts before the run's commit.
 */
export function withDeployedCommit({ commit, source }: CommitInputs, runtime: Runtime): Runtime {
  const checkout = observeCheckout(source, runtime)
  const observed = checkout.kind === 'observed'
  const sha = observed ? checkout.commit : (commit?.toLowerCase() ?? runtime.sha)
  const commitBasis = observed ? 'observed' : checkout.kind === 'unreadable' ? 'unreadable' : 'stated'
  return { ...runtime, sha, runSha: runtime.sha, commitBasis }
}
