import { classified } from './classified.ts'
import { conditional } from './conditional.ts'
import { guardedFetch, type RequestEvent } from './guarded-fetch.ts'
import type { Octokit } from './octokit.ts'

/** Something Octokit has to say: a request that GitHub will stop to support. */
export interface NoticeEvent {
  readonly kind: 'notice'
  readonly message: string
}

export type GitHubEvent = RequestEvent | NoticeEvent

export interface GitHubOptions {
  /** The REST API: `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string
  readonly token: string
  /** Before Octokit's own. */
  readonly userAgent?: string | undefined
  /** For a whole request, in milliseconds. */
  readonly timeoutMs?: number | undefined
  /** Sends requests in tests. Otherwise undici does, through the proxy of the environment. */
  readonly fetch?: typeof fetch | undefined
  readonly listen?: ((event: GitHubEvent) => void) | undefined
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined
  /** Waits; ends early when the signal is aborted. */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
}

const USER_AGENT = 'change-actions-servicenow'
const TIMEOUT_MS = 10_000

/**
 * An Octokit client whose every failure is a `GitHubProblem`, also one of GraphQL. It sends each request once, waits for
 * nothing, follows no redirect to another host, and takes no response that it does not understand for a success. Loads
 * Octokit.
 */
export async function createGitHub(options: GitHubOptions): Promise<Octokit> {
  const { newOctokit, proxiedFetch } = await import(/* webpackChunkName: "github" */ './octokit.ts')
  const { apiUrl, token, userAgent = USER_AGENT, listen = () => undefined } = options
  const now = options.now ?? Date.now
  const send = guardedFetch({
    apiUrl,
    fetch: options.fetch ?? proxiedFetch(apiUrl),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    now,
    sleep: options.sleep ?? wait,
    listen
  })
  const debug = (message: string) => listen({ kind: 'notice', message })
  const octokit = newOctokit({ apiUrl, token, userAgent, fetch: send, debug })
  octokit.hook.wrap('request', conditional(octokit))
  octokit.hook.wrap('request', classified(now))
  return octokit
}

/** Waits on a timer that keeps no process alive; ends early when the signal is aborted. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  const { setTimeout } = await import('node:timers/promises')
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined)
}
