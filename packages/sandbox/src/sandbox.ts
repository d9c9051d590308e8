import { findActor } from './engine/actor.ts'
import { createEngine } from './engine/create-engine.ts'
import type { Engine } from './engine/engine.ts'
import { insertWithoutRules, updateWithoutRules } from './engine/records.ts'
import { keepState, loadState } from './engine/state-file.ts'
import type { Row } from './engine/store.ts'
import { Faults } from './faults/faults.ts'
import type { Fault, FaultSpec } from './faults/spec.ts'
import { Tokens } from './oauth/tokens.ts'
import { type SandboxOptions, settingsFrom } from './options.ts'
import { seed } from './seed/seed.ts'
import { RateLimiter } from './server/rate-limit.ts'
import type { RequestRecord } from './server/request-handler.ts'
import { type RunningServer, startServer } from './server/server.ts'
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
import { Watchers } from './watchers.ts'

/** A running instance and its data. A `change` argument is a number or a sys_id; an unknown one throws. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
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
  /** Makes requests fail. */
  fault(spec: FaultSpec): Fault
  /** Expires every access token. */
  revokeTokens(): void
  /**
   * Waits until `probe` returns a value other than undefined and false. It is checked after every write and request.
   * Default timeout: 5000 ms.
   */
  waitFor<T>(probe: (sandbox: Sandbox) => T | undefined | false, timeoutMs?: number): Promise<T>
  /** Closes every connection and cancels scheduled jobs. */
  stop(): Promise<void>
}

interface SandboxParts {
  readonly engine: Engine
  readonly server: RunningServer
  readonly faults: Faults
  readonly tokens: Tokens
  readonly watchers: Watchers
  /** Saves the state for the last time; does nothing without a state file. */
  readonly closeState: () => void
}

function stopAll({ engine, server, watchers, closeState }: SandboxParts): () => Promise<void> {
  let stopped: Promise<void> | undefined
  const stop = async () => {
    watchers.stop()
    await server.stop()
    closeState()
    engine.jobs.stop()
    engine.store.files.close()
  }
  return () => {
    stopped ??= stop()
    return stopped
  }
}

function createSandbox(parts: SandboxParts): Sandbox {
  const { engine, server, faults, tokens, watchers } = parts
  const idOf = (change: string) => requireChangeId(engine, change)
  const host = engine.settings.host === '::1' ? '[::1]' : engine.settings.host
  const sandbox: Sandbox = {
    url: `http://${host}:${server.port}`,
    requests: server.requests,
    rows: table => engine.store.rows(table),
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
      updateWithoutRules(engine, table, id, fields, findActor(engine.store, 'admin'))
      // The rules would do this when a hold ends. Without it held approvals are never requested.
      if (fields.on_hold === 'false') engine.jobs.release(id)
    },
    insert: (table, fields) =>
      insertWithoutRules(engine, table, fields, findActor(engine.store, 'admin')).sys_id,
    fault: spec => faults.add(spec),
    revokeTokens: () => tokens.revokeAll(),
    waitFor: (probe, timeoutMs = 5000) => watchers.wait(() => probe(sandbox), timeoutMs),
    stop: stopAll(parts)
  }
  return sandbox
}

/** An engine with the data of the state file, or with the seed. */
function startEngine(options: SandboxOptions): { engine: Engine; closeState: () => void } {
  const settings = settingsFrom(options)
  const engine = createEngine(settings)
  const { stateFile } = settings
  if (stateFile === undefined || !loadState(engine, stateFile)) seed(engine)
  engine.store.files.removeAllExcept(new Set(engine.store.rows('sys_attachment').map(row => row.sys_id)))
  return { engine, closeState: stateFile === undefined ? () => {} : keepState(engine, stateFile) }
}

/**
 * Starts a ServiceNow instance on loopback.
 * @throws Error for options that are not valid, a port in use, or a state file that cannot be read
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { engine, closeState } = startEngine(options)
  const { now, tokenLifetimeSeconds, rateLimitPerMinute } = engine.settings
  const watchers = new Watchers()
  engine.store.onWrite(() => watchers.notify())
  const faults = new Faults()
  const tokens = new Tokens(now, tokenLifetimeSeconds)
  const app = { engine, tokens, limiter: new RateLimiter(rateLimitPerMinute, now) }
  const server = await startServer({ app, faults, onProgress: () => watchers.notify() })
  return createSandbox({ engine, server, faults, tokens, watchers, closeState })
}
