import { mayWrite } from '../engine/acl.ts'
import { hasRole } from '../engine/actor.ts'
import { ownPendingApprovals } from '../engine/approval-decisions.ts'
import { pendingApprovals } from '../engine/approvals.ts'
import type { Engine } from '../engine/engine.ts'
import { stateName } from '../engine/life-cycle.ts'
import { conditionHolds, type Transition, transitionsFrom } from '../engine/states.ts'
import type { Row } from '../engine/store.ts'
import type { Person } from './visit.ts'

/** The approvals that a person may decide: own and delegated ones; for an administrator the first that is pending. */
export function decidable(engine: Engine, { actor }: Person, changeId: string): Row[] {
  const own = ownPendingApprovals(engine, actor, changeId)
  return own.length > 0 || !hasRole(actor) ? own : pendingApprovals(engine, changeId).slice(0, 1)
}

export function mayWriteChange({ actor }: Person, change: Row): boolean {
  return mayWrite(actor, 'change_request', change)
}

/** Whether the change is neither closed nor cancelled. */
export function isOpen(engine: Engine, change: Row): boolean {
  const name = stateName(engine, change.state)
  return name !== 'closed' && name !== 'canceled'
}

/** Whether comments and work notes of a person are stored; a closed change drops them. */
export function mayAddNotes(engine: Engine, person: Person, change: Row): boolean {
  const { keepsJournal } = engine.rules.change_request ?? {}
  return mayWriteChange(person, change) && (keepsJournal?.(engine, change) ?? true)
}

/** The moves that a person may ask for, whether their conditions are met or not. */
export function manualMoves(engine: Engine, change: Row): Transition[] {
  return transitionsFrom(engine, change).filter(move => !move.automatic)
}

/** The conditions of a move that are not met. */
export function unmet(engine: Engine, change: Row, move: Transition): string[] {
  return move.conditions.filter(name => !conditionHolds(engine, change, name))
}
