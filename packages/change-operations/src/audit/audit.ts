/** Holds recorded deployments against the changes of ServiceNow. It only reads. */
import {
  type AuditPair,
  auditDeployment,
  pairWithChanges,
  parseServiceNowDate,
  stateOf,
  untoldOf
} from '@change-actions/change-control'
import { type BoundChange, type BoundChanges, boundChanges, creatorsOf } from '../bound/bound-changes.ts'
import { notedRuns } from '../bound/noted-runs.ts'
import type { BoundRepository } from '../bound/repository-scopes.ts'
import type { OperationContext } from '../context.ts'
import { AUDITED_FIELDS, auditedChange } from './audited-change.ts'
import { Matches } from './matches.ts'
import { openChangeRows } from './open-changes.ts'
import type {
  Audit,
  AuditedRepository,
  AuditQuestion,
  AuditRow,
  AuditSources,
  RecordedDeployment
} from './types.ts'

/** How long a run can last at GitHub: a change was written by its run at most so long before the deployment. */
const MAX_RUN_MS = 35 * 24 * 60 * 60_000

/** Changes whose notes are read, at most: ten requests. */
const MAX_NOTED = 1_000

/** A deployment with its change, and its repository. */
interface Matched extends AuditPair<RecordedDeployment, PairedChange> {
  readonly repository: AuditedRepository
}

interface PairedChange {
  readonly bound: BoundChange
  readonly createdAt: number
  readonly canceled: boolean
}

/**
 * Audits deployments. A change belongs to a deployment when it is bound to its run and environment, or when a note that
 * is proved ours says that the run uses it.
 *
 * @throws Problem of the client, `creator-unreadable`, `list-cut`
 */
export async function auditDeployments(
  context: OperationContext,
  question: AuditQuestion,
  sources: AuditSources
): Promise<Audit> {
  const bound = await boundChanges(context, {
    ...question,
    narrow: query =>
      query
        .notBefore('sys_updated_on', question.since - MAX_RUN_MS)
        .notAfter('sys_created_on', question.until + MAX_RUN_MS),
    fields: AUDITED_FIELDS,
    operation: 'reading the changes of the audited repositories'
  })
  const { matched, notesSeen } = await matchAll(context, bound.ours, question)
  const rows = await deploymentRows(context, { matched, notesSeen, bound }, sources)
  const open = await openChangeRows(bound.ours, usedIn(matched), question, sources)
  return { rows: [...rows, ...open], creators: creatorsOf(bound.others), hidden: bound.hidden }
}

function usedIn(matched: readonly Matched[]): ReadonlySet<BoundChange> {
  return new Set(matched.flatMap(({ change }) => change?.bound ?? []))
}

/** Notes are read only where a deployment is left without a change. */
async function matchAll(
  context: OperationContext,
  ours: readonly BoundChange[],
  question: AuditQuestion
): Promise<{ readonly matched: readonly Matched[]; readonly notesSeen: boolean }> {
  const matches = new Matches(ours)
  const matched = question.repositories.flatMap(one => pairsOf(one, matches))
  const lacking = new Set(matched.filter(isWithoutChange).map(({ repository }) => repository.repository))
  if (lacking.size === 0) return { matched, notesSeen: true }
  const candidates = ours.filter(({ repository }) => lacking.has(repository.repository)).slice(-MAX_NOTED)
  const { runs, complete } = await notedRuns(context, candidates, question)
  matches.addNoted(runs)
  return { matched: question.repositories.flatMap(one => pairsOf(one, matches)), notesSeen: complete }
}

function isWithoutChange({ deployment, change }: Matched): boolean {
  return change === undefined && deployment.startedAt !== undefined
}

/** The deployments of a repository with their changes, those of one run and environment together. */
function pairsOf(repository: AuditedRepository, matches: Matches): Matched[] {
  const groups = new Map<string, RecordedDeployment[]>()
  for (const one of repository.deployments) {
    const key = JSON.stringify([one.runId ?? `id ${one.id}`, one.environment.trim().toLowerCase()])
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()].flatMap(deployments => {
    const [{ runId, environment } = { runId: undefined, environment: '' }] = deployments
    const found = runId === undefined ? [] : matches.of({ repository, environment, runId })
    return pairWithChanges(deployments, found.map(paired)).map(pair => ({ ...pair, repository }))
  })
}

function paired(bound: BoundChange): PairedChange {
  const { change } = bound
  const createdAt = parseServiceNowDate(change.createdAt) ?? 0
  return { bound, createdAt, canceled: stateOf(change.state) === 'canceled' }
}

async function deploymentRows(
  context: OperationContext,
  found: { readonly matched: readonly Matched[]; readonly notesSeen: boolean; readonly bound: BoundChanges },
  sources: AuditSources
): Promise<AuditRow[]> {
  const { matched, notesSeen, bound } = found
  const sysIds = [...usedIn(matched)].map(({ change }) => change.sysId)
  const approvals = await context.client.approvalsOfMany(sysIds)
  const isFreed = await freedIn(matched, sources)
  const unproved = unprovedReason(bound, notesSeen)
  return matched.map(one => {
    const { deployment, change, last, repository } = one
    // Of several deployments under one change only the last one ends as the change does.
    const judged = last ? deployment : { ...deployment, result: undefined, statusesCut: false }
    const audited =
      change === undefined ? undefined : auditedChange(change.bound, approvals.get(change.bound.change.sysId))
    const freed = isWithoutChange(one) ? isFreed(one) : false
    return {
      repository: repository.repository,
      environment: deployment.environment,
      deployment,
      runId: deployment.runId,
      change: change?.bound.change,
      findings: auditDeployment(judged, audited, freed === true),
      untold: [
        ...untoldOf(deployment, audited),
        ...(isWithoutChange(one) && freed !== true ? unproved : []),
        ...(freed === undefined ? ['whether the policy of its commit frees the environment'] : [])
      ]
    }
  })
}

/** Why a change may be there that was not found. */
function unprovedReason({ hidden, ours }: BoundChanges, notesSeen: boolean): string[] {
  return [
    ...(hidden ? ['whether a change is hidden from the account'] : []),
    ...(notesSeen || ours.length === 0
      ? []
      : ['whether a note on another change names its run: no row of sys_journal_field is shown'])
  ]
}

/** Asks for the policies of the deployments without a change: once for each repository. */
async function freedIn(
  matched: readonly Matched[],
  { freed }: AuditSources
): Promise<(one: Matched) => boolean | undefined> {
  const lacking = new Map<BoundRepository, RecordedDeployment[]>()
  for (const one of matched.filter(isWithoutChange))
    lacking.set(one.repository, [...(lacking.get(one.repository) ?? []), one.deployment])
  const known = new Map<BoundRepository, Awaited<ReturnType<AuditSources['freed']>>>()
  for (const [repository, deployments] of lacking) known.set(repository, await freed(repository, deployments))
  return ({ repository, deployment }) => known.get(repository)?.(deployment)
}
