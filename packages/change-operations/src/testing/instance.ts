import {
  ACCOUNTS,
  createManualClock,
  createSandbox,
  type FaultEffect,
  type InProcessSandbox,
  type ManualClock,
  type Row,
  type SandboxOptions
} from '@change-actions/sandbox'
import { type Change, type ClientOptions, createClient } from '@change-actions/servicenow-client'
import { afterEach } from '@jest/globals'
import {
  type Approver,
  type Fields,
  insertApprover,
  insertChange,
  insertNote,
  insertTask
} from './records.ts'
import { KINDS, lineOf, type RequestKind } from './requests.ts'
import { type SandboxTransport, transportTo } from './transport.ts'

export type Api = ClientOptions['api']

/** Both REST APIs, for what may differ between them. */
export const APIS: readonly Api[] = ['change-management', 'table']

/** The moment a test begins at. */
export const FIRST_MOMENT = Date.UTC(2026, 10, 21, 12)

/** A moment so many milliseconds after it, as ServiceNow stores it. */
export const momentAt = (ms: number): string =>
  new Date(FIRST_MOMENT + ms).toISOString().replace('T', ' ').slice(0, 19)

/** A request that is carried out, and whose response never arrives. */
export const LOST = { kind: 'reset', committed: true } as const

/** A fault without the requests that it affects. */
export type Effect = FaultEffect & { readonly times?: number }

export interface InstanceOptions extends Omit<SandboxOptions, 'now' | 'after'> {
  /** Default: the Change Management API. */
  readonly api?: Api
  /** User name of the account. Default `gha.deployer`, which may read the look-up tables; `gha.narrow` may not. */
  readonly user?: string
  /** Default: user name and password of the account. */
  readonly credentials?: ClientOptions['credentials']
  /** Retries of a request after the first attempt. Default 4, as that of the actions. */
  readonly maxRetries?: number
  /** How far the instance's clock is ahead of the runner's, in milliseconds. */
  readonly aheadMs?: number
}

/** An instance, as an operation meets it through the real client. */
export interface TestInstance {
  readonly api: Api
  readonly sandbox: InProcessSandbox
  /** The runner's clock. It moves while an operation sleeps, and when a test moves it. */
  readonly clock: ManualClock
  readonly transport: SandboxTransport
  /** The requests of operations in order, and what the test noted between them. */
  readonly log: readonly string[]
  /** Those that write. */
  readonly writes: readonly string[]
  /** Options of a client for this instance. */
  clientOptions(more?: Partial<ClientOptions>): ClientOptions
  /** Puts a line into the log. */
  note(line: string): void
  /** Begins the log anew. */
  forget(): void
  /** A change that exists already, made by the account of the operations. No rule runs. */
  plant(fields?: Fields, notes?: readonly string[]): { readonly sysId: string; readonly number: string }
  /** The same, as the account reads it. */
  add(fields?: Fields, notes?: readonly string[]): Promise<Change>
  /** An open change task "Smoke test". Returns its number. */
  addTask(change: { readonly sysId: string }, fields?: Fields): string
  /** An approver's row. `group`: name of the group that is asked. */
  addApprover(change: { readonly sysId: string }, approver: Approver): Row
  /** A state that only this instance has. */
  addState(value: string, label: string): void
  /** Somebody writes to a change; no rule runs. */
  set(change: { readonly sysId: string }, fields: Fields): void
  /** The account of the operations writes a work note. */
  writeNote(change: { readonly sysId: string }, text: string): void
  /** A change as it is stored. @param of its number, or the change */
  stored(of: string | { readonly sysId: string }): Row
  /** A change as the account reads it now. The request is not in the log. */
  read(change: { readonly sysId: string }): Promise<Change>
  /** The next requests of this kind meet these faults, one each; with `times` more. */
  fail(kind: RequestKind, ...faults: Effect[]): void
  /** Calls a function after each request of operations of this kind, before its response is sent. */
  after(kind: RequestKind, act: (line: string) => void): void
}

const started: InProcessSandbox[] = []

afterEach(async () => {
  await Promise.all(started.splice(0).map(sandbox => sandbox.stop()))
})

const OPERATION = 'operation/1'
const READER = 'reader/1'

/** An instance of its own for a test. It is stopped when the test has ended. */
export function startInstance(options: InstanceOptions = {}): TestInstance {
  const {
    api = 'change-management',
    user = 'gha.deployer',
    aheadMs = 0,
    maxRetries = 4,
    credentials = { scheme: 'basic', username: user, password: passwordOf(user) },
    ...settings
  } = options
  const clock = createManualClock(FIRST_MOMENT)
  const sandbox = createSandbox({ ...settings, now: () => clock.now() + aheadMs, after: clock.after })
  started.push(sandbox)
  const transport = transportTo(sandbox)
  const lines = requestLog(sandbox)
  const clientOptions = (more: Partial<ClientOptions> = {}): ClientOptions => ({
    instance: 'https://acme.service-now.com',
    api,
    credentials,
    transport,
    userAgent: OPERATION,
    requestTimeoutMs: 30_000,
    maxRetries,
    now: clock.now,
    sleep: async ms => clock.advance(ms),
    random: () => 0,
    ...more
  })
  const reader = createClient({ ...clientOptions(), userAgent: READER, transport: transportTo(sandbox) })
  const read = ({ sysId }: { readonly sysId: string }) => reader.changes.get(sysId)
  const plant: TestInstance['plant'] = (fields = {}, notes = []) => insertChange(sandbox, user, fields, notes)
  return {
    api,
    sandbox,
    clock,
    transport,
    clientOptions,
    get log() {
      return lines.all()
    },
    get writes() {
      return lines.all().filter(line => /^(create|update|task|upload) /.test(line))
    },
    note: lines.note,
    forget: lines.forget,
    read,
    plant,
    add: (fields, notes) => read(plant(fields, notes)),
    addTask: ({ sysId }, fields = {}) => insertTask(sandbox, sysId, fields),
    addApprover: ({ sysId }, approver) => insertApprover(sandbox, sysId, approver),
    addState: (value, label) =>
      void sandbox.insert('sys_choice', { name: 'change_request', element: 'state', value, label }),
    set: ({ sysId }, fields) => sandbox.set('change_request', sysId, fields),
    writeNote: ({ sysId }, text) => insertNote(sandbox, user, sysId, text),
    stored: of => {
      const row = sandbox.change(typeof of === 'string' ? of : of.sysId)
      if (row === undefined) throw new Error('there is no such change')
      return row
    },
    fail: (kind, ...faults) => {
      let nth = 1
      for (const fault of faults) {
        sandbox.fault({ ...KINDS[kind], nth, ...fault })
        nth += fault.times ?? 1
      }
    },
    after: (kind, act) => {
      sandbox.onRequest(request => {
        const line = lineOf(sandbox, request)
        if (request.userAgent === OPERATION && line.split(' ')[0] === kind) act(line)
      })
    }
  }
}

/** The requests of operations as lines, with what a test noted between them. */
function requestLog(sandbox: InProcessSandbox) {
  let from = 0
  let notes: { readonly at: number; readonly line: string }[] = []
  const all = () =>
    sandbox.requests.slice(from).flatMap((request, n) => {
      const own = request.userAgent === OPERATION ? [lineOf(sandbox, request)] : []
      return [...notedAt(from + n), ...own]
    })
  const notedAt = (at: number) => notes.filter(one => one.at === at).map(one => one.line)
  return {
    all: () => [...all(), ...notedAt(sandbox.requests.length)],
    note: (line: string) => void notes.push({ at: sandbox.requests.length, line }),
    forget: () => {
      from = sandbox.requests.length
      notes = []
    }
  }
}

function passwordOf(user: string): string {
  return ACCOUNTS.find(account => account.userName === user)?.password ?? ''
}
