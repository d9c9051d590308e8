import { execFileSync } from 'node:child_process'
import type { Runtime } from '../step/runtime.ts'

/**
 * The commit of the policy file, for the record: the first 12 digits of the one that touched it last, and whether the
 * file was changed since. Where git cannot tell, the commit of the run.
 */
export function policyCommit(file: string, runtime: Runtime): string {
  const commit = git(runtime, 'log', '-1', '--format=%H', '--', file) || runtime.sha
  const changed = git(runtime, 'status', '--porcelain', '--', file) !== ''
  return `${commit.slice(0, 12)}${changed ? ', changed in the workspace' : ''}`
}

function git({ workspace }: Runtime, ...args: string[]): string {
  try {
    return execFileSync('git', ['-C', workspace, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000
    }).trim()
  } catch {
    return ''
  }
}
