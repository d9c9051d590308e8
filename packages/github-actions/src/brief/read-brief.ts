/** Reads what approvers should know of a deployment from GitHub: at most six requests, within a time limit. */
import type { Brief } from '@change-actions/change-control'
import {
  type BriefFacts,
  type BriefPull,
  briefless,
  briefOf,
  compareUrl,
  type Part,
  type VersionFacts
} from '@change-actions/change-control/brief'
import type { Comparison } from '@change-actions/github-api'
import type { EvidenceWithReport } from '../files/evidence-files.ts'
import { type GitHub, type GitHubStep, gitHubOf, nameOf } from '../github/github.ts'
import type { StepTools } from '../step/definition.ts'
import { type BriefLinks, pagesOf, repositoryUrlOf } from './links.ts'
import { type Needs, whyUnread } from './unread.ts'

/** What of a step is needed. */
export type BriefStep = GitHubStep & Pick<StepTools, 'signal' | 'now'>

/** What the brief is about. */
export interface BriefQuestion {
  /** The environment being deployed to; undefined where none was given. */
  readonly environment: string | undefined
  readonly evidence: readonly EvidenceWithReport[]
  /** The change has a backout plan of its own. */
  readonly hasBackoutPlan: boolean
}

export interface ReadBrief {
  readonly brief: Brief
  readonly links: BriefLinks
}

/** For all requests together, in milliseconds: creating a change does not wait longer for its brief. */
const LIMIT_MS = 10_000

/** The same, where an approved deployment is about to start. */
const LINKS_LIMIT_MS = 5_000

/** One brief: what all its parts need. */
interface Reading {
  readonly step: BriefStep
  readonly github: GitHub
  readonly api: typeof import('@change-actions/github-api')
  readonly place: { readonly owner: string; readonly repo: string; readonly signal: AbortSignal }
}

/** The brief of the deployment of a step. It never fails: what cannot be read is a line that says why. */
export async function readBrief(
  step: BriefStep,
  question: BriefQuestion,
  limitMs = LIMIT_MS
): Promise<ReadBrief> {
  const startedAt = step.now()
  const { environment = '' } = question
  try {
    const facts = await factsOf(await begin(step, limitMs), question)
    step.log.debug(`The brief for approvers took ${step.now() - startedAt} ms`)
    return { brief: briefOf(facts), links: linksOf(facts) }
  } catch (error) {
    step.log.info(`There is no brief for approvers: ${String(error)}`)
    const links =
      environment === ''
        ? []
        : pagesOf({ repositoryUrl: repositoryUrlOf(step.runtime), environment }, undefined)
    return { brief: briefless(`it could not be read (${String(error)})`), links }
  }
}

/** The pages of the deployments and of what changed, in one request; that of what changed may be missing. It never fails. */
export async function readLinks(
  step: BriefStep,
  environment: string,
  limitMs = LINKS_LIMIT_MS
): Promise<BriefLinks> {
  const place = { repositoryUrl: repositoryUrlOf(step.runtime), environment }
  try {
    const reading = await begin(step, limitMs)
    const deployments = await deploymentsOf(reading, environment)
    return linksOf({ ...place, commit: step.runtime.sha, deployments })
  } catch (error) {
    step.log.debug(`GitHub's page of what changed is not known: ${String(error)}`)
    return pagesOf(place, undefined)
  }
}

async function begin(step: BriefStep, limitMs: number): Promise<Reading> {
  const signal = AbortSignal.any([step.signal, AbortSignal.timeout(limitMs)])
  const github = await gitHubOf(step)
  const api = await import(/* webpackChunkName: "github" */ '@change-actions/github-api')
  return { step, github, api, place: { ...nameOf(step.runtime.repository), signal } }
}

async function factsOf(reading: Reading, question: BriefQuestion): Promise<BriefFacts> {
  const { environment = '', evidence, hasBackoutPlan } = question
  const { sha: commit } = reading.step.runtime
  const [checks, rest, files] = await Promise.all([
    checksOf(reading),
    sinceLast(reading, question.environment),
    evidenceOf(reading, evidence)
  ])
  const place = { repositoryUrl: repositoryUrlOf(reading.step.runtime), environment, commit }
  return { ...place, hasBackoutPlan, checks, ...rest, evidence: files }
}

type SinceLast = Pick<BriefFacts, 'deployments' | 'comparison' | 'codeOwners' | 'pulls'>

/** What came since the last successful deployment. Nothing is compared with a deployment that is not known. */
async function sinceLast(reading: Reading, environment: string | undefined): Promise<SinceLast> {
  const { api, github, place, step } = reading
  if (environment === undefined)
    return { deployments: { kind: 'unread', why: 'the workflow names no environment' } }
  const deployments = await deploymentsOf(reading, environment)
  const base = deployments.kind === 'read' ? deployments.value.last?.commit : undefined
  const head = step.runtime.sha
  if (base === undefined || base === head) return { deployments }
  const [comparison, codeOwners] = await Promise.all([
    part(reading, COMPARISON, () => api.comparedCommits(github.octokit, { ...place, base, head })),
    // Of the version that is deployed: nobody makes himself an owner by what he changes.
    part(reading, OWNERS, () => api.codeOwnersFile(github.octokit, { ...place, commit: base }))
  ])
  const pulls = comparison.kind === 'read' ? await pullsOf(reading, comparison.value) : undefined
  return { deployments, comparison, codeOwners, pulls }
}

function deploymentsOf(reading: Reading, environment: string): Promise<BriefFacts['deployments']> {
  const { api, github, place } = reading
  return part(reading, { what: 'deployments', permissions: 'deployments: read' }, () =>
    api.lastDeployment(github.octokit, { ...place, environment })
  )
}

const OWNERS: Needs = { what: 'code owners', permissions: 'contents: read' }
const COMPARISON: Needs = {
  what: 'commits and files',
  permissions: 'contents: read',
  otherwise: 'the deployed commit is no longer in the repository'
}

/** Undefined where there are too many commits to look for theirs. */
async function pullsOf(
  reading: Reading,
  { ahead, commits }: Comparison
): Promise<Part<readonly BriefPull[]> | undefined> {
  const { api, github, place, step } = reading
  if (commits.length < ahead) return undefined
  const { repository } = step.runtime
  const ids = commits.map(one => one.nodeId)
  return part(reading, { what: 'pull requests', permissions: 'pull-requests: read' }, () =>
    api.pullsOfCommits(github.octokit, { repository, commits: ids, signal: place.signal })
  )
}

function checksOf(reading: Reading): Promise<BriefFacts['checks']> {
  const { api, github, place, step } = reading
  const { sha: commit, runId } = step.runtime
  const needs = {
    what: 'checks',
    permissions: 'checks: read, statuses: read and contents: read',
    otherwise: 'the commit is of another repository'
  }
  return part(reading, needs, () => api.checkResults(github.octokit, { ...place, commit, runId }))
}

async function part<T>(
  { github, place, step }: Reading,
  needs: Needs,
  read: () => Promise<T>
): Promise<Part<T>> {
  try {
    return { kind: 'read', value: await read() }
  } catch (error) {
    const why = whyOf(error)
    step.log.info(`Not read for approvers: ${needs.what}; ${why}`)
    return { kind: 'unread', why }
  }
  function whyOf(error: unknown): string {
    if (place.signal.aborted) return 'GitHub did not respond in time'
    return github.isProblem(error) ? whyUnread(error, needs) : `it could not be read (${String(error)})`
  }
}

/** What the files that will be attached say; those that could not be read in time, or at all, without their counts. */
function evidenceOf(
  { place: { signal } }: Reading,
  evidence: readonly EvidenceWithReport[]
): Promise<BriefFacts['evidence']> {
  const late = new Promise<undefined>(resolve => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  return Promise.all(
    evidence.map(async one => {
      const report = await Promise.race([one.report().catch(() => undefined), late])
      return { name: one.name, counts: report?.text }
    })
  )
}

/** GitHub's pages of the deployments, and of what changed. It has none of an environment that it does not know. */
function linksOf(facts: VersionFacts): BriefLinks {
  const { deployments, environment } = facts
  const unknown = environment === '' || (deployments.kind === 'read' && deployments.value.seen === 0)
  return unknown ? [] : pagesOf(facts, compareUrl(facts))
}
