/** The pull request of a run, as the file with its event tells it. */
import { readFileSync } from 'node:fs'
import type { Runtime } from '@change-actions/github-actions'

export interface PullRequest {
  readonly number: number
  /** The newest commit of its branch when the run was started: full id. */
  readonly commit: string
  /** GitHub gives the run no secrets and a token that only reads, unless an owner allows more. */
  readonly restricted: 'fork' | 'dependabot' | undefined
}

/** Undefined for a run that no pull request started. */
export function pullRequestOf(
  runtime: Pick<Runtime, 'eventName' | 'eventPath' | 'repository' | 'actor'>
): PullRequest | undefined {
  const { eventName, eventPath } = runtime
  if (eventName !== 'pull_request' && eventName !== 'pull_request_target') return undefined
  const { number, head } = payloadOf(eventPath)
  if (typeof number !== 'number' || typeof head?.sha !== 'string') return undefined
  const restricted = eventName === 'pull_request' ? restrictionOf(runtime, head) : undefined
  return { number, commit: head.sha, restricted }
}

interface Head {
  readonly sha?: unknown
  /** Null where the fork was deleted. */
  readonly repo?: { readonly full_name?: unknown } | null
}

function restrictionOf(
  { repository, actor }: Pick<Runtime, 'repository' | 'actor'>,
  { repo }: Head
): PullRequest['restricted'] {
  if (String(repo?.full_name ?? '').toLowerCase() !== repository.toLowerCase()) return 'fork'
  return actor === 'dependabot[bot]' ? 'dependabot' : undefined
}

function payloadOf(path: string): { readonly number?: unknown; readonly head?: Head } {
  try {
    const { pull_request: found } = JSON.parse(readFileSync(path, 'utf8'))
    return typeof found === 'object' && found !== null ? found : {}
  } catch {
    return {}
  }
}
