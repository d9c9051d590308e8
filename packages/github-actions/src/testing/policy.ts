/** Policies in a commit of a workspace, for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isInputError, readRuntime, type Shape } from '../index.ts'
import { type AppliedPolicy, applyPolicy } from '../policy/index.ts'
import { commitFiles } from './commit.ts'
import { problemsOf, type Variables } from './inputs.ts'

export const FILE = '.github/servicenow-change.yml'

const folders: string[] = []

/** Removes the workspaces that were made. */
export function removeWorkspaces(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
}

/** A workspace, and the id of its commit, which has the policy; undefined: without one. */
export function workspaceWith(
  yaml: string | undefined,
  file = FILE
): { readonly workspace: string; readonly sha: string } {
  const workspace = mkdtempSync(join(tmpdir(), 'policy-'))
  folders.push(workspace)
  return { workspace, sha: commitFiles(workspace, yaml === undefined ? {} : { [file]: yaml }) }
}

export interface Asked {
  readonly environment?: string
  readonly file?: string
  readonly token?: string
  readonly env?: Variables
}

/** Applies the policy of a workspace's commit. */
export function applied(
  inputs: Shape,
  { workspace, sha }: { readonly workspace: string; readonly sha: string },
  { environment, file, token, env = {} }: Asked = {}
): Promise<AppliedPolicy> {
  const variables = {
    PATH: process.env.PATH,
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_SHA: sha,
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: workspace,
    ...env
  }
  const none = () => undefined
  const log = { debug: none, info: none, notice: none, warning: none, error: none }
  return applyPolicy(
    { inputs, environment, file, token },
    { runtime: readRuntime(variables), env: variables, log, sleep: async () => undefined }
  )
}

/** The problems of a policy, or of values under it. */
export async function mistakesIn(
  inputs: Shape,
  yaml: string,
  environment?: string,
  env: Variables = {}
): Promise<readonly string[]> {
  try {
    const found = await applied(inputs, workspaceWith(yaml), environment === undefined ? {} : { environment })
    return await problemsOf(inputs, env, found.kind === 'none' ? {} : found)
  } catch (error) {
    if (isInputError(error)) return error.facts.problems
    throw error
  }
}
