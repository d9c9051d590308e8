import {
  auditOpenChange,
  environmentHash,
  isStillOpen,
  parseServiceNowDate,
  stateOf
} from '@change-actions/change-control'
import type { BoundChange } from '../bound/bound-changes.ts'
import { isOfEnvironment } from '../bound/repository-scopes.ts'
import type { AuditQuestion, AuditRow, AuditSources } from './types.ts'

/** Runs that are asked for, at most: each is a request. */
const MAX_RUNS = 15

/**
 * Open changes that were made in the span, and under which no deployment of the span went: those whose run is over
 * were left open.
 *
 * @param used the changes of the deployments
 */
export async function openChangeRows(
  ours: readonly BoundChange[],
  used: ReadonlySet<BoundChange>,
  question: AuditQuestion,
  { runOver }: AuditSources
): Promise<AuditRow[]> {
  const open = ours.filter(one => !used.has(one) && isStillOpen(stateOf(one.change.state)))
  const asked = new Map<string, boolean | undefined>()
  const rows: AuditRow[] = []
  for (const bound of open.filter(one => isAsked(one, question)).sort(byCreation)) {
    const { change, binding, repository } = bound
    const key = JSON.stringify([repository.repository, binding.runId])
    if (!asked.has(key) && asked.size < MAX_RUNS) asked.set(key, await runOver(repository, binding.runId))
    const over = asked.get(key)
    if (over === false) continue
    rows.push({
      repository: repository.repository,
      environment: environmentOf(bound),
      deployment: undefined,
      runId: binding.runId,
      change,
      findings: over === true ? auditOpenChange({ state: stateOf(change.state) }) : [],
      untold: over === undefined ? [runUnknown(asked.has(key))] : []
    })
  }
  return rows
}

function runUnknown(asked: boolean): string {
  const why = asked ? 'GitHub does not show it' : `only ${MAX_RUNS} runs are asked for`
  return `whether the run of this open change is over: ${why}`
}

function isAsked(
  { change, binding, repository }: BoundChange,
  { since, until, environments }: AuditQuestion
): boolean {
  const createdAt = parseServiceNowDate(change.createdAt)
  if (createdAt !== undefined && (createdAt < since || createdAt > until)) return false
  return (
    environments.length === 0 || environments.some(name => isOfEnvironment(binding.scope, repository, name))
  )
}

/** The name whose hash stands in the binding, among those that are known. */
function environmentOf({ binding, repository }: BoundChange): string {
  const hash = binding.scope.split('.')[1]
  return repository.environments.find(name => environmentHash(name) === hash) ?? ''
}

function byCreation(a: BoundChange, b: BoundChange): number {
  return a.change.createdAt < b.change.createdAt ? -1 : 1
}
