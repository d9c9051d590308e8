/** Which waiting deployments are decided: the changes that let them go on, or end them. Nothing is written. */
import {
  asksApprovers,
  type Decision,
  type GateFacts,
  type GatePolicy,
  isApproved,
  type ListedState,
  parseServiceNowDate,
  parseState,
  stateValue
} from '@change-actions/change-control'
import { type Approval, fieldOf, type Query } from '@change-actions/servicenow-client'
import { type BoundChange, type BoundQuestion, boundChanges, creatorsOf } from '../bound/bound-changes.ts'
import type { OperationContext } from '../context.ts'
import { valueOfLabel } from '../states/with-states.ts'
import { withApprovalFacts } from '../wait/approval-facts.ts'
import { approverFacts, KnownPeople } from '../wait/approver-facts.ts'
import { decideOnce } from '../wait/decide-once.ts'
import { DEPLOYED_FIELDS, hasDeployed } from './deployed.ts'

/** What is asked for. Times are epoch milliseconds, on the instance's clock. */
export interface DecidedQuestion
  extends Pick<BoundQuestion, 'repositories' | 'trustedAccounts' | 'bindingKey'> {
  readonly policy: GatePolicy
  /** Changes that ended before are not looked at; undefined: none that ended are. */
  readonly endedSince: number | undefined
}

/** A bound change, with what follows for its deployment. */
export interface DecidedChange extends BoundChange {
  readonly decision: Decision
  /** When it was written last; 0 where that is not shown. */
  readonly updatedAt: number
}

export interface DecidedChanges {
  /** To let go on: earliest planned start first, then the oldest. */
  readonly due: readonly DecidedChange[]
  /** To be rejected: the change ended before its deployment, and no other open one has its correlation id. */
  readonly ended: readonly DecidedChange[]
  /** Approved, and not to go on yet: the window is not open, or the change is on hold. */
  readonly waiting: readonly DecidedChange[]
  /** Approved, and stopped by a rule that a person has to look at. */
  readonly stopped: readonly DecidedChange[]
  /** Creators of bound changes that are not trusted, most changes first. Untrusted text. */
  readonly creators: readonly { readonly creator: string; readonly changes: number }[]
  /** Changes match that the account may not read. */
  readonly hidden: boolean
}

const FIELDS = [
  ...DEPLOYED_FIELDS,
  'sys_updated_on',
  'opened_by',
  'requested_by',
  'correlation_id',
  'std_change_producer_version'
]

/**
 * The changes of these repositories that are decided, by one query in pages.
 *
 * @throws Problem `creator-unreadable`, `list-cut` and those of a request
 */
export async function decidedChanges(
  context: OperationContext,
  question: DecidedQuestion
): Promise<DecidedChanges> {
  const states = await Promise.all(question.policy.proceedStates.map(state => storedValueOf(context, state)))
  const bound = await boundChanges(context, {
    ...question,
    narrow: query => candidates(query, states, question),
    fields: FIELDS,
    operation: 'reading the changes that are decided'
  })
  const decided = await decideAll(context, bound.ours, question.policy)
  const proceeding = decided.filter(one => one.decision.kind === 'proceed')
  const approved = decided.filter(one => isApproved(one.change) && one.decision.kind !== 'proceed')
  return {
    due: inOrder(proceeding),
    ended: await withoutOpen(
      context,
      decided.filter(one => isEnded(one) && !hasDeployed(one)),
      question
    ),
    waiting: inOrder(approved.filter(one => one.decision.kind === 'wait')),
    stopped: inOrder(approved.filter(one => one.decision.kind === 'stop' && !isEnded(one))),
    creators: creatorsOf(bound.others),
    hidden: bound.hidden
  }
}

/** Those that may proceed, and those that ended lately. Both leave the set by themselves. */
function candidates(query: Query, states: readonly string[], { policy, endedSince }: DecidedQuestion): Query {
  const inState = query.in('state', states)
  const open = policy.requireApproval ? inState.is('approval', 'approved') : inState
  if (endedSince === undefined) return open
  const lately = query.notBefore('sys_updated_on', endedSince)
  return open
    .or(lately.is('approval', 'rejected'))
    .or(lately.in('state', [stateValue('closed'), stateValue('canceled')]))
}

/** A state of the instance's own may be listed by its label. */
async function storedValueOf({ client }: OperationContext, state: ListedState): Promise<string> {
  const name = parseState(state)
  return name === undefined ? ((await valueOfLabel(client, state)) ?? state) : stateValue(name)
}

async function decideAll(
  context: OperationContext,
  changes: readonly BoundChange[],
  policy: GatePolicy
): Promise<readonly DecidedChange[]> {
  const asked = changes.filter(({ change }) => isApproved(change) && asksApprovers(policy, change))
  const rows = await context.client.approvalsOfMany(asked.map(({ change }) => change.sysId))
  const people = new KnownPeople()
  const decided: DecidedChange[] = []
  for (const one of changes) {
    const facts = await factsOf(context, one, { policy, people, rows: rows.get(one.change.sysId) })
    const decision = decideOnce(context, one.change, policy, facts)
    decided.push({ ...one, decision, updatedAt: updatedAt(one) })
  }
  return decided
}

/** The claim, the commit and later edits are looked at by the job that goes on. */
async function factsOf(
  context: OperationContext,
  { change }: BoundChange,
  about: {
    readonly policy: GatePolicy
    readonly people: KnownPeople
    readonly rows: readonly Approval[] | undefined
  }
): Promise<GateFacts | undefined> {
  const approvers = await approverFacts(context, { change, ...about }, about.rows)
  return withApprovalFacts(undefined, approvers === undefined ? undefined : { approvers, edited: [] })
}

/** What ends a deployment for good. A closed window, or a change marked as unauthorized, people may still mend. */
const ENDED: readonly string[] = ['rejected', 'canceled', 'closed']

function isEnd(decision: Decision): boolean {
  return decision.kind === 'stop' && ENDED.includes(decision.outcome)
}

function isEnded({ decision }: DecidedChange): boolean {
  return isEnd(decision)
}

/** Of one deployment the change that is still open counts. */
async function withoutOpen(
  context: OperationContext,
  ended: readonly DecidedChange[],
  question: DecidedQuestion
): Promise<readonly DecidedChange[]> {
  const ids = [...new Set(ended.map(({ change }) => change.correlationId))].filter(id => id !== '')
  if (ids.length === 0) return ended
  const over = [stateValue('closed'), stateValue('canceled')]
  const open = new Set<string>()
  for (let from = 0; from < ids.length; from += MANY) {
    const some = ids.slice(from, from + MANY)
    const found = await boundChanges(context, {
      ...question,
      narrow: query =>
        over.reduce((left, state) => left.isNot('state', state), query.in('correlation_id', some)),
      fields: FIELDS,
      operation: 'looking for newer changes of deployments whose change ended'
    })
    for (const { change } of found.ours)
      if (!isEnd(decideOnce(context, change, question.policy))) open.add(change.correlationId)
  }
  return ended.filter(({ change }) => !open.has(change.correlationId))
}

/** Correlation ids in one request: its address stays below 8 kB. */
const MANY = 50

function inOrder(changes: readonly DecidedChange[]): readonly DecidedChange[] {
  const key = ({ change }: DecidedChange) =>
    change.plannedStart ?? parseServiceNowDate(change.createdAt) ?? Number.POSITIVE_INFINITY
  return [...changes].sort((a, b) => key(a) - key(b) || (a.change.number < b.change.number ? -1 : 1))
}

function updatedAt({ change }: BoundChange): number {
  return parseServiceNowDate(fieldOf(change.fields, 'sys_updated_on').value) ?? 0
}
