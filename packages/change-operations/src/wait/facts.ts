/** What a gate has to know of a change beyond its record: a function for each group of facts. */
import { bindingOn, boundAs, type GateFacts, isInScope, type Scope } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { type ClaimRules, judgeOpponents, viewClaims } from '../gate/claims.ts'
import { artifactsFact } from '../own/artifacts-note.ts'
import { type NotedBinding, notedBindings } from '../own/binding-note.ts'
import { createdByUs } from '../own/creator.ts'
import { scopeOf } from '../own/identity.ts'
import { notesByText, type OwnNotes, readOwnNotes } from '../own/own-notes.ts'

export interface Gathered {
  readonly facts: GateFacts
  /** The binding of a change whose field holds another tool's text, as a note has it. */
  readonly binding: string | undefined
  /** That note binds it to another repository or environment. */
  readonly elsewhere: boolean
}

/** Who asks, and what was seen. */
export interface FactRules extends ClaimRules {
  /** The change was seen with our binding before it was approved. */
  readonly boundBefore: boolean
}

/** What all groups start from. */
interface Base {
  /** With its notes, where the account may read them. */
  readonly change: Change
  readonly rules: FactRules
  readonly scope: Scope
  /** The binding in a note, where the record has none. */
  readonly noted: NotedBinding | undefined
}

/** Gathers the facts about a change that is ready. @throws Problem of the client, `creator-unreadable` */
export async function gatherFacts(
  context: OperationContext,
  brief: Change,
  rules: FactRules
): Promise<Gathered> {
  const scope = scopeOf(rules.identity, context.client)
  const change = await withNotes(context, brief)
  const noted = boundAs(change, scope) === 'none' ? bindingNoted(change, rules) : undefined
  const base: Base = { change, rules, scope, noted }
  const facts: GateFacts = {
    boundLater: await boundLater(context, base),
    boundToThisRun: boundToThisRun(base),
    claim: await claimFact(context, base),
    digests: await artifactsFact(context, change, rules.identity),
    approvers: undefined,
    edited: []
  }
  return {
    facts,
    binding: noted === undefined ? undefined : `gha2 ${noted.commit} ${noted.runId} ${noted.scope}`,
    elsewhere: noted !== undefined && !isInScope(noted.scope, scope)
  }
}

/** A row of a list may come without its notes. */
function withNotes({ client }: OperationContext, change: Change): Promise<Change> | Change {
  if (change.fields.work_notes !== undefined) return change
  return client.changes.get(change.sysId, { operation: 'reading the notes of the change' })
}

/** The last one: a change may be bound anew as long as no approval was requested. */
function bindingNoted(change: Change, { identity }: FactRules): NotedBinding | undefined {
  return notedBindings(notesByText(change, identity)?.marks('bound') ?? []).at(-1)
}

/**
 * Whether the change was approved before it was bound. Our account binds a change when it makes it; of any other, a
 * note tells, where it can be proved ours.
 */
async function boundLater(context: OperationContext, base: Base): Promise<boolean> {
  const { change, rules, scope } = base
  const { identity, boundBefore } = rules
  const bound = bindingOn(change, scope)
  if (bound !== undefined && boundBefore) return false
  const ofRun = (notes: OwnNotes | undefined) =>
    notedBindings(notes?.marks('bound') ?? []).filter(
      one => isInScope(one.scope, scope) && (bound === undefined || one.runId === bound.runId)
    )
  if (ofRun(notesByText(change, identity)).some(one => one.late)) return true
  if (bound !== undefined && (await createdByUs(context, [change], identity)).has(change.sysId)) return false
  const notes = await readOwnNotes(context, change, identity)
  return notes?.proved !== true || !ofRun(notes).some(one => !one.late)
}

/** A note counts only where the record holds another tool's text. */
function boundToThisRun({ change, rules, scope, noted }: Base): boolean {
  const run = rules.identity.deployment.run || '0'
  return (bindingOn(change, scope) ?? noted)?.runId === run
}

/** Whose claim counts. One that is set aside by `takeOver` is as good as our own. */
async function claimFact(context: OperationContext, { change, rules }: Base): Promise<GateFacts['claim']> {
  const view = await viewClaims(context, change, rules.identity)
  if (view === undefined) {
    context.emit({ type: 'claims-not-read', change })
    return { kind: 'none' }
  }
  const { live, takenOver } = await judgeOpponents(view.opposing, rules)
  if (live !== undefined) return { kind: 'other', runId: live.runId }
  return { kind: view.own.length > 0 || takenOver.length > 0 ? 'own' : 'none' }
}
