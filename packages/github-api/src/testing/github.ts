import { inspect } from 'node:util'
import { expect } from '@jest/globals'
import { createGitHub, type GitHubOptions } from '../client.ts'
import { type GitHubProblem, isGitHubProblem } from '../problem.ts'

/** The API that nock stands in for, and one run of it. */
export const API = 'https://api.github.test'
export const TOKEN = 'ghs_5ecret'
export const RUN = '/repos/acme/shop/actions/runs/7'
/** The time of the client's clock, epoch milliseconds. */
export const AT = Date.parse('2026-11-28T10:00:00Z')

const never = (_: number, signal: AbortSignal) =>
  new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))

/** A client whose clock stands still. */
export const github = (more: Partial<GitHubOptions> = {}) =>
  createGitHub({ apiUrl: API, token: TOKEN, sleep: never, now: () => AT, ...more })

/** A read. */
export async function readRun(more: Partial<GitHubOptions> = {}): Promise<unknown> {
  const octokit = await github(more)
  const request = { operation: 'reading the workflow run 7' }
  const { data } = await octokit.rest.actions.getWorkflowRun({
    owner: 'acme',
    repo: 'shop',
    run_id: 7,
    request
  })
  return data
}

/** A write: approves a deployment of the run. */
export async function approve(more: Partial<GitHubOptions> = {}): Promise<unknown> {
  const octokit = await github(more)
  return octokit.rest.actions.reviewCustomGatesForRun({
    owner: 'acme',
    repo: 'shop',
    run_id: 7,
    environment_name: 'production',
    state: 'approved'
  })
}

/** The problem that work ends with. */
export async function problemOf(work: Promise<unknown>): Promise<GitHubProblem> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown
  )
  if (!isGitHubProblem(error)) throw new Error(`no problem, but ${error}`)
  return error
}

/** Nowhere in it: not in its stack, its causes and their requests. */
export function expectNoToken(problem: GitHubProblem): void {
  expect(inspect(problem, { depth: 20, showHidden: true })).not.toContain(TOKEN)
}
