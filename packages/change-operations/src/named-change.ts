import { stateOf } from '@change-actions/change-control'
import {
  type Change,
  clientProblem,
  type LookupKind,
  NEWEST,
  Query,
  type ServiceNowClient
} from '@change-actions/servicenow-client'
import { oldestFirst } from './change-order.ts'
import type { OperationContext } from './context.ts'
import { oursAmong } from './own/among.ts'
import type { Identity } from './own/identity.ts'
import { findOfJob } from './own/of-job.ts'
import { checkNamed } from './own/standing.ts'
import { changeProblem } from './problems.ts'

/** How a step names the change it is about. */
export interface ChangeName {
  readonly sysId?: string | undefined
  readonly number?: string | undefined
  readonly correlationId?: string | undefined
  /** The sys_id comes from the variables of the job. */
  readonly ofJob?: boolean
}

/**
 * The change a step names, where it is for this deployment. One that is named by its correlation id, or by the
 * variables of the job, must be ours.
 *
 * @param unbound what follows when our account created it and its binding is gone
 * @param onFound told of the change: one that an input names before it is known whose it is, one of the job once it is ours
 * @throws Problem as {@link findNamed}; `foreign-change`, `unbound`, `creator-unreadable`
 */
export async function findUsable(
  context: OperationContext,
  name: ChangeName,
  identity: Identity,
  unbound: 'refuse' | 'warn' = 'refuse',
  onFound?: (change: Change) => void
): Promise<Change> {
  if (name.ofJob && name.sysId !== undefined) {
    const own = await findOfJob(context, name.sysId, identity)
    onFound?.(own)
    return own
  }
  const change = await findNamed(context, name, identity)
  onFound?.(change)
  await checkNamed(context, change, identity, unbound)
  return change
}

/**
 * The change a step names. Several names must agree.
 *
 * @param identity whose changes are looked among by a correlation id; undefined: anybody's
 * @throws Problem `names-disagree`, `no-change-named`; of the client `not-found`, `lookup-none`, `lookup-many`
 */
export async function findNamed(
  context: OperationContext,
  name: ChangeName,
  identity?: Identity
): Promise<Change> {
  const change = await findBy(context, name, identity)
  const { sysId, number, correlationId } = name
  const facts = { number: change.number, sysId }
  if (number !== undefined && change.number.toLowerCase() !== number.toLowerCase()) {
    const given = { by: 'number', value: number, has: change.number } as const
    throw changeProblem('names-disagree', undefined, { ...facts, given })
  }
  const named = sysId !== undefined || number !== undefined
  if (named && correlationId !== undefined && change.correlationId !== correlationId) {
    const given = { by: 'correlation-id', value: correlationId, has: change.correlationId } as const
    throw changeProblem('names-disagree', undefined, { ...facts, given })
  }
  return change
}

async function findBy(context: OperationContext, name: ChangeName, identity?: Identity): Promise<Change> {
  if (name.sysId !== undefined) return context.client.changes.get(name.sysId)
  if (name.number !== undefined) return findByNumber(context.client, name.number)
  if (name.correlationId !== undefined) return findByCorrelation(context, name.correlationId, identity)
  throw changeProblem('no-change-named', undefined, {})
}

/** @throws Problem `lookup-none`, `lookup-many` (numbers are not guaranteed to be unique) */
export async function findByNumber(client: ServiceNowClient, number: string): Promise<Change> {
  const operation = `looking up the change ${number}`
  // As it is given: the database compares without case, and an instance may hand out numbers in lower case.
  const found = await client.changes.find(new Query().is('number', number), operation)
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const facts = { operation, kind: 'change number' satisfies LookupKind, name: number } as const
  const candidates = found.map(one => `${one.sysId}: state ${one.stateLabel}, created ${one.createdAt}`)
  throw clientProblem(found.length === 0 ? 'lookup-none' : 'lookup-many', { ...facts, candidates })
}

/** All changes of a query; where there are very many, those that are not over and the newest. */
async function allOrNewest(client: ServiceNowClient, query: Query, operation: string): Promise<Change[]> {
  const newest = await client.changes.findNewest(query, operation)
  if (newest.length < NEWEST) return newest
  const open = await client.changes.find(query.isNot('state', '3').isNot('state', '4'), operation)
  const known = new Set(newest.map(change => change.sysId))
  return [...newest, ...open.filter(change => !known.has(change.sysId))]
}

/** The open change of a deployment; else the newest that is closed, so that closing it twice is no error. */
async function findByCorrelation(
  context: OperationContext,
  correlationId: string,
  identity: Identity | undefined
): Promise<Change> {
  const operation = `looking up the change with correlation id ${correlationId}`
  const all = await allOrNewest(context.client, new Query().is('correlation_id', correlationId), operation)
  // The database compares without case; an identity is meant to the letter.
  const exact = all.filter(change => change.correlationId === correlationId)
  const ours = identity === undefined ? exact : await oursAmong(context, exact, identity)
  const found = oldestFirst(ours)
  const open = found.filter(change => !['closed', 'canceled'].includes(stateOf(change.state) ?? ''))
  if (open.length > 1) context.emit({ type: 'several-open', correlationId, changes: open })
  // Drafts that lost to another job's change are canceled and have the same id.
  const closed = found.filter(change => stateOf(change.state) === 'closed')
  const change = open[0] ?? closed.at(-1) ?? found.at(-1)
  if (change !== undefined) return change
  throw clientProblem('lookup-none', {
    operation,
    kind: 'correlation id',
    name: correlationId,
    candidates: []
  })
}
