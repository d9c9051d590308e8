/** Workflows that are started for an approved change: the run that asked for it is over. */
import { correlationScope, isCommitOf, oldScope } from '@change-actions/change-control'
import type { DecidedChange } from '@change-actions/change-operations'
import type { GitHub } from '@change-actions/github-actions/github'
import {
  commitOfRef,
  dispatchedRuns,
  dispatchWorkflow,
  environmentNames,
  type RunFacts,
  readRun
} from '@change-actions/github-api'
import { type Latch, nameOf, type Result, type Writer } from './latch.ts'

/** What is asked once for each repository. */
interface Known {
  readonly environments: Promise<readonly string[]>
  readonly commits: Map<string, Promise<string>>
}

export interface DispatchSettings {
  /** The workflow's file. */
  readonly workflow: string
  /** Milliseconds between two runs of this step. */
  readonly intervalMs: number
  now(): number
}

export function dispatch(github: GitHub, writer: Writer, settings: DispatchSettings): Latch {
  const known = new Map<string, Known>()
  return {
    letGo: async one => {
      const name = nameOf(one)
      const { octokit, send } = github
      const run = await send(() => readRun(octokit, name, one.binding.runId))
      if (run.status !== 'completed') return { kind: 'skipped', reason: 'the run that asked for it goes on' }
      const look = () => send(() => whyNotNow(octokit, one, settings))
      const reason = await look()
      if (reason !== undefined) return { kind: 'skipped', reason }
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
      return await start(github, writer, one, { ...settings, ref, environment, look })
    }
  }
}

/** A run for the change is younger than the change. A minute for clocks that differ. */
function since({ change }: DecidedChange): number {
  return Date.parse(`${change.createdAt.replace(' ', 'T')}Z`) - 60_000
}

/** The runs that name the change, by the workflow's `run-name`. */
function runsOf({ change }: DecidedChange, runs: readonly RunFacts[]): readonly RunFacts[] {
  const number = change.number.toLowerCase()
  return runs.filter(run =>
    run.title
      .toLowerCase()
      .split(/[^a-z0-9]/)
      .includes(number)
  )
}

/** Why nothing is started, by the runs of the workflow as they are now. */
async function whyNotNow(
  octokit: GitHub['octokit'],
  one: DecidedChange,
  settings: DispatchSettings
): Promise<string | undefined> {
  const started = await dispatchedRuns(octokit, nameOf(one), settings.workflow, { since: since(one) })
  return whyNot(one, started, settings)
}

function whyNot(
  one: DecidedChange,
  { runs, complete }: { readonly runs: readonly RunFacts[]; readonly complete: boolean },
  { intervalMs, now }: DispatchSettings
): string | undefined {
  const own = runsOf(one, runs)
  const going = own.find(run => run.status !== 'completed')
  if (going !== undefined) return `the run ${going.id} deploys under it`
  const last = own.find(run => run.updatedAt > now() - 2 * intervalMs)
  if (last !== undefined) return `the run ${last.id} for it ended a moment ago`
  return complete ? undefined : 'there are too many runs of the workflow to tell whether one is for it'
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
    look(): Promise<string | undefined>
  }
): Promise<Result> {
  const { octokit } = github
  const { workflow, ref, environment, now } = of
  const { number, sysId } = one.change
  const inputs = { 'change-number': number, 'change-sys-id': sysId, environment }
  const from = now() - 60_000
  let reason: string | undefined
  try {
    await writer.write(
      async () => {
        // Before a write there may be a pause, in which another sweep can start the workflow.
        reason = await of.look()
        if (reason === undefined) await dispatchWorkflow(octokit, nameOf(one), { workflow, ref, inputs })
      },
      async () => {
        const { runs } = await dispatchedRuns(octokit, nameOf(one), workflow, { since: from })
        return runsOf(one, runs).length > 0 ? true : undefined
      }
    )
    if (reason !== undefined) return { kind: 'skipped', environment, reason }
    return { kind: 'done', environment }
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
