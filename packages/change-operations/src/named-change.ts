import { stateOf } from '@change-actions/change-control'
import { type Change, Query, type ServiceNowClient, ServiceNowError } from '@change-actions/servicenow-client'
import { oldestFirst } from './create/rivals.ts'
import { ChangeError, type Flow } from './flow.ts'

/** How a step names the change it is about. */
export interface ChangeName {
  readonly sysId?: string | undefined
  readonly number?: string | undefined
  readonly correlationId?: string | undefined
}

/**
 * The change a step names. Several names must agree.
 *
 * @throws ServiceNowError `not-found`, `lookup-none`, `lookup-many`; ChangeError when the names disagree
 */
export async function findNamed(flow: Flow, name: ChangeName): Promise<Change> {
  const change = await findBy(flow, name)
  if (name.number !== undefined && change.number.toLowerCase() !== name.number.toLowerCase()) {
    throw disagree(`change-sys-id ${name.sysId} is ${change.number}, not ${name.number}`)
  }
  const named = name.sysId !== undefined || name.number !== undefined
  if (named && name.correlationId !== undefined && change.correlationId !== name.correlationId) {
    throw disagree(
      `${change.number} has correlation id "${change.correlationId}", not "${name.correlationId}"`
    )
  }
  return change
}

async function findBy(flow: Flow, name: ChangeName): Promise<Change> {
  if (name.sysId !== undefined) return flow.client.changes.get(name.sysId)
  if (name.number !== undefined) return findByNumber(flow.client, name.number)
  if (name.correlationId !== undefined) return findByCorrelation(flow, name.correlationId)
  throw new ChangeError('Input error', 'No change is named. Give change-sys-id or change-number.')
}

/** @throws ServiceNowError `lookup-none`, `lookup-many` (numbers are not guaranteed to be unique) */
export async function findByNumber(client: ServiceNowClient, number: string): Promise<Change> {
  const doing = `looking up the change ${number}`
  const found = await client.changes.find(new Query().is('number', number.toUpperCase()), doing)
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  if (found.length === 0) {
    throw new ServiceNowError('lookup-none', {
      doing,
      answer: `there is no change ${number}, or the account may not read it`,
      fix: 'check the number and the instance, and that the account has sn_change_read'
    })
  }
  const ids = found.map(change => change.sysId).join(', ')
  throw new ServiceNowError('lookup-many', {
    doing,
    answer: `${found.length} changes have this number: ${ids}`
  })
}

/** The open change of a deployment; else the one that ended last, so that closing it twice is no error. */
async function findByCorrelation(flow: Flow, correlationId: string): Promise<Change> {
  const doing = `looking up the change with correlation id ${correlationId}`
  const all = await flow.client.changes.find(new Query().is('correlation_id', correlationId), doing)
  // The database compares without case; an identity is meant to the letter.
  const found = oldestFirst(all.filter(change => change.correlationId === correlationId))
  const open = found.filter(change => !['closed', 'canceled'].includes(stateOf(change.state) ?? ''))
  if (open.length > 1) {
    flow.report.warning(
      `Several open changes have correlation id ${correlationId}: ${open.map(one => one.number).join(', ')}. The oldest is used.`
    )
  }
  // Drafts that lost a race are canceled and have the same id.
  const closed = found.filter(change => stateOf(change.state) === 'closed')
  const change = open[0] ?? closed.at(-1) ?? found.at(-1)
  if (change !== undefined) return change
  throw new ServiceNowError('lookup-none', {
    doing,
    answer: 'there is no such change, or the account may not read it',
    fix: 'check correlation-id against the output of the step that created the change'
  })
}

function disagree(text: string): ChangeError {
  return new ChangeError(
    'Input error',
    `The inputs name different changes: ${text}. Give one of them, or correct it.`
  )
}
