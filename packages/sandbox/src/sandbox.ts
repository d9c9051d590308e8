import { actorNamed } from './engine/actor.ts'
import { createEngine } from './engine/create-engine.ts'
import type { Engine } from './engine/engine.ts'
import { patchRecord, plantRecord } from './engine/records.ts'
import { loadState, saveState } from './engine/state-file.ts'
import type { Row } from './engine/store.ts'
import { Faults } from './faults/faults.ts'
import type { Fault, FaultSpec } from './faults/spec.ts'
import { Tokens } from './oauth/tokens.ts'
import { type SandboxOptions, settingsFrom } from './options.ts'
import { seed } from './seed/seed.ts'
import { RateLimiter } from './server/rate-limit.ts'
import { type RequestRecord, type RunningServer, startServer } from './server/server.ts'
import {
  answerAs,
  approversOf,
  attachmentsOf,
  demandChange,
  findChange,
  type Note,
  notesOf,
  type StoredAttachment
} from './views.ts'
import { Watchers } from './watch.ts'

/** A running instance, seen from behind. Changes may be named by number or sys_id. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly RequestRecord[]
  /** Raw values of a table's rows, oldest first. */
  rows(table: string): readonly Row[]
  change(numberOrSysId: string): Row | undefined
  /** Entries of one journal, oldest first. Default: work notes. */
  journal(change: string, element?: 'work_notes' | 'comments'): readonly Note[]
  attachments(change: string): readonly StoredAttachment[]
  /** Approver rows, with the last comment in `comments` and the user name in `approver_name`. */
  approvers(change: string): readonly Row[]
  /** Answers the pending approvals of `by` (default `anna.approver`). @throws Error when there are none */
  approve(change: string, by?: string, comments?: string): void
  reject(change: string, comments: string, by?: string): void
  /** Sets fields as an administrator, past all rules. */
  set(table: string, sysId: string, fields: Readonly<Record<string, string>>): void
  /** Creates a record past all rules, and returns its sys_id. */
  insert(table: string, fields: Readonly<Record<string, string>>): string
  /** Makes requests fail. */
  fault(spec: FaultSpec): Fault
  /** Ends every access token at once. */
  revokeTokens(): void
  /** Waits until `probe` gives something; asked after every write and request. Default 5000 ms. */
  waitFor<T>(probe: (sandbox: Sandbox) => T | undefined | false, timeoutMs?: number): Promise<T>
  /** Closes every connection at once and forgets what was planned. */
  stop(): Promise<void>
}

function sandboxOver(
  engine: Engine,
  server: RunningServer,
  parts: {
    faults: Faults
    tokens: Tokens
    watchers: Watchers
    close: () => void
  }
): Sandbox {
  const idOf = (change: string) => demandChange(engine, change)
  const host = engine.settings.host === '::1' ? '[::1]' : engine.settings.host
  let stopped: Promise<void> | undefined
  const stop = async () => {
    parts.watchers.stop()
    await server.stop()
    parts.close()
    engine.jobs.stop()
    engine.store.files.close()
  }
  const sandbox: Sandbox = {
    url: `http://${host}:${server.port}`,
    requests: server.requests,
    rows: table => engine.store.rows(table),
    change: numberOrSysId => findChange(engine, numberOrSysId),
    journal: (change, element = 'work_notes') => notesOf(engine, idOf(change), element),
    attachments: change => attachmentsOf(engine, idOf(change)),
    approvers: change => approversOf(engine, idOf(change)),
    approve: (change, by = 'anna.approver', comments = '') =>
      answerAs(engine, idOf(change), by, 'approved', comments),
    reject: (change, comments, by = 'anna.approver') =>
      answerAs(engine, idOf(change), by, 'rejected', comments),
    set: (table, sysId, fields) => {
      const id = table === 'change_request' ? idOf(sysId) : sysId
      patchRecord(engine, table, id, fields, actorNamed(engine.store, 'admin'))
      // A hold lifted behind the rules' back must not leave the approvals waiting for ever.
      if (fields.on_hold === 'false') engine.jobs.release(id)
    },
    insert: (table, fields) => plantRecord(engine, table, fields, actorNamed(engine.store, 'admin')).sys_id,
    fault: spec => parts.faults.add(spec),
    revokeTokens: () => parts.tokens.revokeAll(),
    waitFor: (probe, timeoutMs = 5000) => parts.watchers.wait(() => probe(sandbox), timeoutMs),
    stop: () => {
      stopped ??= stop()
      return stopped
    }
  }
  return sandbox
}

/** Saves after every burst of writes, and once more on the way out. */
function keepState(engine: Engine, path: string): () => void {
  let planned: NodeJS.Immediate | undefined
  let closed = false
  engine.store.onWrite(() => {
    if (closed) return
    planned ??= setImmediate(() => {
      planned = undefined
      saveState(engine, path)
    })
  })
  return () => {
    closed = true
    clearImmediate(planned)
    saveState(engine, path)
  }
}

/**
 * Starts a ServiceNow instance on loopback.
 * @throws Error for unusable options, a port that is taken, or a state file that cannot be read
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const settings = settingsFrom(options)
  const engine = createEngine(settings)
  const { stateFile, now } = settings
  if (stateFile === undefined || !loadState(engine, stateFile)) seed(engine)
  engine.store.files.keepOnly(new Set(engine.store.rows('sys_attachment').map(row => row.sys_id)))
  const close = stateFile === undefined ? () => {} : keepState(engine, stateFile)
  const watchers = new Watchers()
  engine.store.onWrite(() => watchers.notify())
  const faults = new Faults()
  const tokens = new Tokens(now, settings.tokenLifetimeSeconds)
  const app = { engine, tokens, limiter: new RateLimiter(settings.rateLimitPerMinute, now) }
  const server = await startServer({ app, faults, settled: () => watchers.notify() })
  return sandboxOver(engine, server, { faults, tokens, watchers, close })
}
