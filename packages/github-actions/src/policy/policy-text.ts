import type { FileAtCommit } from '@change-actions/github-api'
import { messageOf } from '../errors.ts'
import { inputError } from '../inputs/error.ts'
import { stepProblem } from '../messages/step-problem.ts'
import type { StepTools } from '../step/definition.ts'
import { fileInCommit } from './file-in-commit.ts'
import { GitRefusal } from './git-objects.ts'
import type { PolicyPlace } from './place.ts'

/** A policy file as its commit has it. */
export interface PolicyText {
  /** The full id of the commit. */
  readonly commit: string
  /** Undefined where the commit does not have the file. */
  readonly text: string | undefined
}

export type ReadTools = Pick<StepTools, 'runtime' | 'env' | 'log' | 'sleep'>

const MAX_RETRIES = 2

/**
 * Reads a policy file from its commit: from GitHub; where GitHub cannot be asked or refuses, from the objects of the
 * checkout. What cannot be read is not taken for absent.
 *
 * @throws Problem `policy-unreadable`; Problem `input` for something that is no text file
 */
export async function readPolicyText(
  place: PolicyPlace,
  token: string | undefined,
  tools: ReadTools
): Promise<PolicyText> {
  if (place.own && !isCommitId(place.ref))
    throw unreadable(place, ['the runner names no commit (GITHUB_SHA)'])
  const asked = await fromGitHub(place, token, tools, place.own ? 0 : MAX_RETRIES)
  if ('found' in asked) return textOf(place, asked.found)
  tools.log.debug(`The policy was not read from GitHub: ${asked.reason}`)
  const reasons = [`GitHub: ${asked.reason}`]
  if (place.own) {
    const found = await fromGit(place, tools)
    if (!('reason' in found)) return textOf(place, found)
    tools.log.debug(`The policy was not read from the objects of git: ${found.reason}`)
    reasons.push(`git: ${found.reason}`)
    const again = asked.temporary ? await fromGitHub(place, token, tools, MAX_RETRIES) : asked
    if ('found' in again) return textOf(place, again.found)
  }
  throw unreadable(place, reasons)
}

function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
}

type Asked = { readonly found: FileAtCommit } | { readonly reason: string; readonly temporary: boolean }

async function fromGitHub(
  { repository, path, ref }: PolicyPlace,
  token: string | undefined,
  { env, sleep }: ReadTools,
  maxRetries: number
): Promise<Asked> {
  if (token === undefined) return { reason: 'there is no token', temporary: false }
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    return { reason: 'NODE_TLS_REJECT_UNAUTHORIZED=0 would accept any server as GitHub', temporary: false }
  const github = await import(/* webpackChunkName: "github" */ '@change-actions/github-api')
  const apiUrl = env.GITHUB_API_URL ?? 'https://api.github.com'
  try {
    const found = await github.sendUntilDone({
      send: () => github.fileAtCommit({ apiUrl, token, repository, path, ref }),
      maxRetries,
      sleep,
      random: Math.random
    })
    return { found }
  } catch (error) {
    if (!github.isGitHubProblem(error)) throw error
    const { status, message } = error.facts
    const words = [status === undefined ? error.code : `${error.code} (${status})`, message ?? '']
    return { reason: words.filter(Boolean).join(', '), temporary: error.retry.temporary }
  }
}

async function fromGit(
  { path, ref }: PolicyPlace,
  { runtime, env }: ReadTools
): Promise<FileAtCommit | { readonly reason: string }> {
  try {
    return { commit: ref, ...(await fileInCommit(runtime, env, ref, path)) }
  } catch (error) {
    if (error instanceof GitRefusal) return { reason: messageOf(error) }
    throw error
  }
}

function textOf(place: PolicyPlace, found: FileAtCommit): PolicyText {
  const { commit } = found
  if (found.kind === 'absent') return { commit, text: undefined }
  if (found.kind === 'other')
    throw inputError([`${place.shown} is ${found.what} in the commit ${commit}, not a file`])
  try {
    return { commit, text: new TextDecoder('utf-8', { fatal: true }).decode(found.content) }
  } catch {
    throw inputError([`${place.shown} of the commit ${commit} is not a text in UTF-8`])
  }
}

function unreadable({ repository, path, ref, own }: PolicyPlace, reasons: readonly string[]) {
  return stepProblem('policy-unreadable', { repository, path, commit: ref, own, reasons })
}
