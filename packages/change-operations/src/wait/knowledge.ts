import {
  boundAs,
  type GateFacts,
  type GatePolicy,
  isApproved,
  isReady,
  type Ownership
} from '@change-actions/change-control'
import { type Change, fieldOf } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { scopeOf } from '../own/identity.ts'
import { ownershipOf } from '../own/standing.ts'
import { type Gathered, gatherFacts } from './facts.ts'
import type { Look, OwnLook } from './types.ts'

/** What the decision on a change needs beside its record. */
export interface Known {
  /** The change, with the binding that counts. */
  readonly change: Change
  readonly policy: GatePolicy
  readonly ownership: Ownership
  readonly facts: GateFacts | undefined
}

/** What is known of a change that is waited for. Requests are made when the change is ready, and again when it changed. */
export class Knowledge {
  private readonly context: OperationContext
  private readonly look: Look
  /** It was seen with our binding before it was approved. */
  private boundBefore = false
  private toldForeign = false
  private gathered: { readonly of: string; readonly what: Gathered } | undefined

  constructor(context: OperationContext, look: Look) {
    this.context = context
    this.look = look
  }

  /** @throws Problem `creator-unreadable`; of the client */
  async of(change: Change): Promise<Known> {
    const { own, policy } = this.look
    if (own === undefined) return { change, policy, ownership: 'ours', facts: undefined }
    const found = await ownershipOf(this.context, change, own.identity)
    const bound = boundAs(change, scopeOf(own.identity, this.context.client))
    if (bound === 'ours' && !isApproved(change)) this.boundBefore = true
    if (found === 'foreign' && own.identity.allowForeignChange)
      return this.foreign(change, await this.factsOf(change, own))
    if (found === 'foreign' || found === 'unbound')
      return { change, policy, ownership: found, facts: undefined }
    const gathered = await this.factsOf(change, own)
    if (gathered?.elsewhere)
      return own.identity.allowForeignChange
        ? this.foreign(change, gathered)
        : { change, policy, ownership: 'foreign', facts: undefined }
    const correlationDisplay = gathered?.binding ?? change.correlationDisplay
    return { change: { ...change, correlationDisplay }, policy, ownership: found, facts: gathered?.facts }
  }

  /** The commit of another repository says nothing about this one's. */
  private foreign(change: Change, gathered: Gathered | undefined): Known {
    if (!this.toldForeign) this.context.emit({ type: 'foreign-allowed', change })
    this.toldForeign = true
    const policy = { ...this.look.policy, commit: undefined }
    return { change, policy, ownership: 'ours', facts: gathered?.facts }
  }

  private async factsOf(change: Change, own: OwnLook): Promise<Gathered | undefined> {
    if (!isReady(change, this.look.policy)) return undefined
    const of = versionOf(change)
    if (this.gathered !== undefined && of !== '' && this.gathered.of === of) return this.gathered.what
    const what = await gatherFacts(this.context, change, { ...own, boundBefore: this.boundBefore })
    this.gathered = { of, what }
    return what
  }
}

/** What tells two versions of a record apart; '' where that is not shown. */
function versionOf(change: Change): string {
  const count = fieldOf(change.fields, 'sys_mod_count').value
  return count === '' ? '' : JSON.stringify([count, change.state, change.approval, change.correlationDisplay])
}
