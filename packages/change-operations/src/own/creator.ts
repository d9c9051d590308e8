import {
  type Change,
  fieldOf,
  isClientProblem,
  Query,
  type ServiceNowClient
} from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { changeProblem } from '../problems.ts'
import type { Identity } from './identity.ts'

/** The name of the account of a client, as the instance told it. Lower case. */
const ownNames = new WeakMap<ServiceNowClient, string>()

/** Names of creators that are not the account, as the instance told it. */
const otherNames = new WeakMap<ServiceNowClient, Set<string>>()

/** The account has just made this change: its creator is the account's name. */
export function learnName({ client }: OperationContext, change: Change): void {
  const name = creatorOf(change)
  if (name !== '') ownNames.set(client, name)
}

/** Who created a change, in lower case; '' where that cannot be read. */
function creatorOf(change: Change): string {
  return fieldOf(change.fields, 'sys_created_by').value.trim().toLowerCase()
}

/** The creator as the record shows it. Untrusted text. */
export function creatorName(change: Change): string {
  return fieldOf(change.fields, 'sys_created_by').value
}

/**
 * The changes that our account or a trusted one created. The instance is asked who we are, in two requests at most.
 *
 * @throws Problem `creator-unreadable` when a record does not show who created it
 */
export async function createdByUs(
  context: OperationContext,
  changes: readonly Change[],
  identity: Pick<Identity, 'trustedAccounts'>
): Promise<ReadonlySet<string>> {
  const hidden = changes.find(change => creatorOf(change) === '')
  if (hidden !== undefined) throw changeProblem('creator-unreadable', hidden, {})
  const trusted = new Set(identity.trustedAccounts.map(name => name.toLowerCase()))
  const others = otherNames.get(context.client)
  const unknown = changes.filter(change => {
    const creator = creatorOf(change)
    return !trusted.has(creator) && others?.has(creator) !== true
  })
  if (unknown.length > 0 && !ownNames.has(context.client)) await askName(context, unknown)
  const ours = changes.filter(change => {
    const creator = creatorOf(change)
    return trusted.has(creator) || creator === ownNames.get(context.client)
  })
  return new Set(ours.map(change => change.sysId))
}

/** Nothing is learnt where none of them is the account's own, or where the instance does not evaluate the term. */
async function askName(context: OperationContext, changes: readonly Change[]): Promise<void> {
  const query = ownAmong(changes)
  const own = await context.client.changes.find(query, 'asking which of the changes our account created')
  const evaluated = own.length === 0 || (await evaluatesTerm(context, own))
  const names = new Set(evaluated ? own.map(creatorOf) : [])
  const [first] = own
  // Rows of several creators: the instance ignored the term.
  if (first !== undefined && names.size === 1) learnName(context, first)
  const others = otherNames.get(context.client) ?? new Set()
  for (const change of changes) if (!names.has(creatorOf(change))) others.add(creatorOf(change))
  otherNames.set(context.client, others)
}

/**
 * No row was created by us and not by us. An instance that shows one has ignored one of the terms: then the user that it
 * takes for us, exactly one, has to be the creator.
 */
async function evaluatesTerm(context: OperationContext, rows: readonly Change[]): Promise<boolean> {
  const query = ownAmong(rows).notCreatedByMe()
  const operation = 'checking that the instance knows which account asks'
  if ((await context.client.changes.find(query, operation)).length === 0) return true
  const name = await ownName(context)
  return name !== undefined && rows.every(row => creatorOf(row) === name)
}

/** In lower case; undefined where the instance does not tell. */
async function ownName({ client }: OperationContext): Promise<string | undefined> {
  try {
    return (await client.ownName())?.trim().toLowerCase()
  } catch (error) {
    if (isClientProblem(error) && !error.retry.temporary) return undefined
    throw error
  }
}

/** Those of the changes that the account itself created. */
function ownAmong(changes: readonly Change[]): Query {
  const sysIds = changes.map(change => change.sysId)
  return new Query().in('sys_id', sysIds).createdByMe()
}

/** The change, and whether our account created it; in one request where it did. */
export async function readCreated(
  context: OperationContext,
  sysId: string,
  identity: Pick<Identity, 'trustedAccounts'>,
  options: { readonly maxRetries?: number } = {}
): Promise<{ readonly change: Change; readonly ours: boolean }> {
  const query = new Query().is('sys_id', sysId).createdByMe()
  const operation = `reading the change ${sysId}`
  const [own] = await context.client.changes.find(query, operation, options)
  if (own !== undefined) {
    const seen = creatorOf(own) !== ''
    if (seen) learnName(context, own)
    return { change: own, ours: seen }
  }
  const change = await context.client.changes.get(sysId, { operation, ...options })
  const trusted = identity.trustedAccounts.map(name => name.toLowerCase())
  return { change, ours: trusted.includes(creatorOf(change)) }
}
