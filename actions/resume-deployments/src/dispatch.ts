/** Workflows that are started for an approved change: the run that asked for it is over. */
import { correlationScope, isCommitOf, oldScope, parseServiceNowDate } from '@change-actions/change-control'
import type { DecidedChange } from '@change-actions/change-operations'
import type { GitHub } from '@change-actions/github-actions/github'
import {
  commitOfRef,
  dispatchedRuns,
  dispatchWorkflow,
  environmentNames,
  type RunFacts,
  readRun,
  workflowFile
} from '@change-actions/github-api'
import { pauseApart } from './apart.ts'
import type { Asking } from './asking.ts'
import { isPastScheduled, type Latch, nameOf, type Result, STILL_OPEN, type Writer } from './latch.ts'
import { namesChange, type OwnRuns, SKEW_MS, startedRuns } from './started-runs.ts'

/** What is asked once for each repository. */
interface Known {
  readonly environments: Promise<readonly string[]>
  readonly commits: Map<string, Promise<string>>
}

/** After a response that was lost: a run that was started may be missing from GitHub's lists for a moment. */
const LISTED_AFTER_MS = 5_000

export interface DispatchSettings {
  /** The workflow's file. */
  readonly workflow: string
  /** Whose runs ask. */
  readonly asking: Asking
  /** The repositories were named: each is expected to have the workflow. */
  readonly named: boolean
  /** Milliseconds between two runs of this step. */
  readonly intervalMs: number
  now(): number
  /** What tells this sweep from others. */
  readonly sweep: string
  sleep(ms: number): Promise<void>
}

export function dispatch(github: GitHub, writer: Writer, settings: DispatchSettings): Latch {
  const known = new Map<string, Known>()
  const started = startedRuns(github, settings)
  return {
    letGo: async one => {
      const name = nameOf(one)
      const run = await github.send(() => readRun(github.octokit, name, one.binding.runId))
      if (settings.asking.isOther(one, run)) return { kind: 'not-ours' }
      if (run.status !== 'completed') return { kind: 'skipped', reason: 'the run that asked for it goes on' }
      const since = createdAt(one, run) - SKEW_MS
      const runs = await unlessMissing(github, () => started.known(one, since))
      if (runs === undefined) return noWorkflow(one, settings)
      const held = whyNot(one, run, runs, settings)
      if (held !== undefined) return held
      const about = knownOf(github, known, one)
      const environment = await environmentOf(one, about)
      if (environment === undefined)
        return {
          kind: 'skipped',
          warn: true,
          reason: 'no environment of the repository is the one that the change was made for'
        }
      const ref = run.headBranch
      const moved = await whyMoved(github, about, one, ref)
      if (moved !== undefined) return { kind: 'skipped', environment, warn: true, reason: moved }
      const look = async () => whyNot(one, run, await started.fresh(one, since), settings)
      return await start(github, writer, one, { ...settings, ref, environment, look })
    }
  }
}

/** Where ServiceNow does not say when, the run that asked for the change is older than what was started for it. */
function createdAt({ change }: DecidedChange, run: RunFacts): number {
  return parseServiceNowDate(change.createdAt) ?? run.createdAt
}

/** Undefined where GitHub has no such workflow: the repository itself was read before. */
async function unlessMissing(
  { isProblem }: GitHub,
  list: () => Promise<OwnRuns>
): Promise<OwnRuns | undefined> {
  try {
    return await list()
  } catch (error) {
    if (isProblem(error) && error.code === 'not-found') return undefined
    throw error
  }
}

function noWorkflow({ repository }: DecidedChange, { workflow, named }: DispatchSettings): Result {
  const reason = `${repository.repository} has no workflow ${workflow}`
  if (!named) return { kind: 'skipped', reason }
  return {
    kind: 'failed',
    reason,
    fix: 'give `workflow` the name of a file in .github/workflows of the default branch'
  }
}

/** Why nothing is started, by the runs of the workflow as they are now. */
function whyNot(
  one: DecidedChange,
  asking: RunFacts,
  { own, complete }: OwnRuns,
  { workflow, intervalMs, now }: DispatchSettings
): Result | undefined {
  const going = own.find(run => run.status !== 'completed')
  if (going !== undefined) return { kind: 'skipped', reason: `the run ${going.id} deploys under it` }
  // The run that asked may deploy itself, when the change is approved at once.
  const itself = asking.workflow === workflowFile(workflow) ? [asking] : []
  const ended = isPastScheduled(one) ? [...own, ...itself] : own
  // What ended lately may have closed the change since it was read.
  const last = ended.find(run => run.updatedAt > now() - 2 * intervalMs)
  if (last !== undefined) return { kind: 'skipped', reason: `the run ${last.id} for it ended a moment ago` }
  const [begun] = ended
  if (begun !== undefined && isPastScheduled(one))
    return {
      kind: 'skipped',
      warn: true,
      reason: `the run ${begun.id} began to deploy under it, and ${STILL_OPEN}`
    }
  if (complete) return undefined
  return {
    kind: 'skipped',
    warn: true,
    reason: `${workflow} has been started too often since the change was made to tell whether one run is for it: start it by hand`
  }
}

function knownOf({ octokit, send }: GitHub, known: Map<string, Known>, one: DecidedChange): Known {
  const found = known.get(one.repository.repository)
  if (found !== undefined) return found
  const environments = send(() => environmentNames(octokit, nameOf(one)))
  const made = { environments, commits: new Map() }
  known.set(one.repository.repository, made)
  return made
}

/** '' for a change that was made without an environment; undefined where none of the repository is meant. */
async function environmentOf(
  { binding, repository }: DecidedChange,
  { environments }: Known
): Promise<string | undefined> {
  const parts = { serverUrl: repository.server, repository: repository.repository }
  const isMeant = (environment: string) =>
    [correlationScope({ ...parts, environment }), oldScope({ ...parts, environment })].includes(binding.scope)
  if (isMeant('')) return ''
  return (await environments).find(isMeant)
}

/** Why the ref of the run no longer stands for what was approved; undefined where it does. */
async function whyMoved(
  github: GitHub,
  { commits }: Known,
  one: DecidedChange,
  ref: string
): Promise<string | undefined> {
  if (ref === '') return 'its run has neither a branch nor a tag'
  const asked = commits.get(ref) ?? github.send(() => commitOfRef(github.octokit, nameOf(one), ref))
  commits.set(ref, asked)
  try {
    if (isCommitOf(one.binding, await asked)) return undefined
    return `${ref} has moved on from the commit that was approved: deploy tags`
  } catch (error) {
    const isGone = github.isProblem(error) && ['not-found', 'rejected'].includes(error.code)
    if (isGone)
      return `there is no branch or tag ${ref} any more, or the token may not read it (contents: read)`
    throw error
  }
}

async function start(
  github: GitHub,
  writer: Writer,
  one: DecidedChange,
  of: DispatchSettings & {
    readonly ref: string
    readonly environment: string
    look(): Promise<Result | undefined>
  }
): Promise<Result> {
  const { octokit } = github
  const { workflow, ref, environment, now } = of
  const { number, sysId } = one.change
  const inputs = { 'change-number': number, 'change-sys-id': sysId, environment }
  const since = now() - SKEW_MS
  let held: Result | undefined
  try {
    await writer.write(
      async () => {
        await of.sleep(pauseApart(of.sweep, sysId))
        // In the pauses before a write another sweep can start the workflow.
        held = await of.look()
        if (held === undefined) await dispatchWorkflow(octokit, nameOf(one), { workflow, ref, inputs })
      },
      async () => {
        await of.sleep(LISTED_AFTER_MS)
        const { runs } = await dispatchedRuns(octokit, nameOf(one), workflow, { since })
        return runs.some(run => namesChange(one, run)) ? true : undefined
      }
    )
    return held ?? { kind: 'done', environment }
  } catch (error) {
    if (!github.isProblem(error)) throw error
    const said = error.facts.message ?? error.code
    const fix = FIXES[error.code]
    if (fix === undefined) throw error
    return { kind: 'failed', environment, reason: `${workflow} could not be started: ${said}`, fix }
  }
}

const FIXES: Readonly<Record<string, string>> = {
  'no-permission': 'give the token the permission actions: write',
  'not-found':
    'see that the workflow is on the default branch and on the ref of the run, and that the token has the permission actions: write',
  rejected:
    'have the workflow take `workflow_dispatch` with the inputs `change-number`, `change-sys-id` and `environment`'
}
