import { findActor } from './engine/actor.ts'
import type { BusinessRule, Engine } from './engine/engine.ts'
import { deleteRecord, insertWithoutRules, updateWithoutRules } from './engine/records.ts'
import type { Row } from './engine/store.ts'
import type { Faults } from './faults/faults.ts'
import type { Fault, FaultSpec } from './faults/spec.ts'
import type { Tokens } from './oauth/tokens.ts'
import type { RequestHandler } from './server/request-handler.ts'
import type { RequestRecord } from './server/request-record.ts'
import {
  approversOf,
  attachmentsOf,
  decideAs,
  findChange,
  type Note,
  notesOf,
  requireChangeId,
  type StoredAttachment
} from './views.ts'
import type { Watchers } from './watchers.ts'

/** An instance and its data. A `change` argument is a number or a sys_id; an unknown one throws. */
export interface Instance {
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly RequestRecord[]
  /** The rows of a table with stored values, oldest first. @throws Error for an unknown table */
  rows(table: string): readonly Row[]
  /** A change with stored values; undefined when there is none. */
  change(numberOrSysId: string): Row | undefined
  /** The entries of a journal field, oldest first. Default: work notes. */
  journal(change: string, element?: 'work_notes' | 'comments'): readonly Note[]
  /** Oldest first. */
  attachments(change: string): readonly StoredAttachment[]
  /** Approver rows, with the last comment in `comments` and the user name in `approver_name`. */
  approvers(change: string): readonly Row[]
  /** Approves the pending approvals of `by` (default `anna.approver`). @throws Error when there are none */
  approve(change: string, by?: string, comments?: string): void
  /** Rejects the pending approvals of `by` (default `anna.approver`). @throws Error when there are none */
  reject(change: string, comments: string, by?: string): void
  /** Sets fields as an administrator. No rule runs. */
  set(table: string, sysId: string, fields: Readonly<Record<string, string>>): void
  /** Creates a record as an administrator and returns its sys_id. No rule runs. */
  insert(table: string, fields: Readonly<Record<string, string>>): string
  /** Deletes a record and what belongs to it. */
  remove(table: string, sysId: string): void
  /** Makes requests fail. */
  fault(spec: FaultSpec): Fault
  /** Adds a business rule to those of a stock instance. Returns a function that removes it. */
  addRule(rule: BusinessRule): () => void
  /**
   * Calls `listener` when a request has been processed, before its response is sent: for what other users do between
   * two requests. Returns a function that removes the listener.
   */
  onRequest(listener: (request: RequestRecord) => void): () => void
  /** Expires every access token. */
  revokeTokens(): void
  /**
   * Waits until `probe` returns a value other than undefined and false. It is checked after every write and request.
   * Default timeout: 5000 ms of real time.
   */
  waitFor<T>(probe: (instance: this) => T | undefined | false, timeoutMs?: number): Promise<T>
  /** Ends delays and cancels scheduled jobs; a server closes every connection. */
  stop(): Promise<void>
}

/** What an instance is made of. */
export interface InstanceParts {
  readonly engine: Engine
  readonly handler: RequestHandler
  readonly faults: Faults
  readonly tokens: Tokens
  readonly watchers: Watchers
  readonly listeners: Set<(request: RequestRecord) => void>
}

/** All of an instance but how it is reached, how it is waited for and how it stops. */
export type InstanceData = Omit<Instance, 'waitFor' | 'stop'>

function withoutScripts<T>({ scripts }: Engine, write: () => T): T {
  return scripts ? scripts.suspended(write) : write()
}

export function instanceData(parts: InstanceParts): InstanceData {
  const { engine, handler, faults, tokens, listeners } = parts
  const { store } = engine
  const idOf = (change: string) => requireChangeId(engine, change)
  const admin = () => findActor(store, 'admin')
  return {
    requests: handler.requests,
    rows: table => store.rows(table),
    change: numberOrSysId => findChange(engine, numberOrSysId),
    journal: (change, element = 'work_notes') => notesOf(engine, idOf(change), element),
    attachments: change => attachmentsOf(engine, idOf(change)),
    approvers: change => approversOf(engine, idOf(change)),
    approve: (change, by = 'anna.approver', comments = '') =>
      decideAs(engine, idOf(change), by, 'approved', comments),
    reject: (change, comments, by = 'anna.approver') =>
      decideAs(engine, idOf(change), by, 'rejected', comments),
    set: (table, sysId, fields) => {
      const id = table === 'change_request' ? idOf(sysId) : sysId
      withoutScripts(engine, () => updateWithoutRules(engine, table, id, fields, admin()))
      // The rules would do this when a hold ends. Without it held approvals are never requested.
      if (fields.on_hold === 'false') engine.jobs.release(id)
    },
    insert: (table, fields) =>
      withoutScripts(engine, () => insertWithoutRules(engine, table, fields, admin())).sys_id,
    remove: (table, sysId) => deleteRecord(engine, table, sysId),
    fault: spec => faults.add(spec),
    addRule: rule => engine.businessRules.add(rule),
    onRequest: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    revokeTokens: () => tokens.revokeAll()
  }
}
