import type { Sandbox } from '../sandbox.ts'
import { ACCOUNTS } from '../seed/accounts.ts'

/** A response of the sandbox, for assertions. */
export interface TestResponse {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The value at a path of keys and indices in the JSON body. */
  at(...path: readonly (string | number)[]): unknown
}

/** Sends requests as one account. `path` is the path and query below the sandbox's URL. */
export interface Caller {
  get(path: string, headers?: Record<string, string>): Promise<TestResponse>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<TestResponse>
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<TestResponse>
  send(method: string, path: string, init?: RequestInit): Promise<TestResponse>
}

export const CHANGE = '/api/sn_chg_rest/v1/change'
export const TABLE = '/api/now/table'
export const ATTACHMENT = '/api/now/attachment'

function valueAt(text: string, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
    JSON.parse(text)
  )
}

/** Sends a request without following redirects, and reads the whole response. */
export async function request(url: string, init: RequestInit = {}): Promise<TestResponse> {
  const response = await fetch(url, { redirect: 'manual', ...init })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, at: (...path) => valueAt(text, path) }
}

/** The `Authorization` header of an account. */
export function basic(userName: string): string {
  const password = ACCOUNTS.find(account => account.userName === userName)?.password ?? ''
  return `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`
}

/** A caller for one of the sandbox's accounts. */
export function as(sandbox: Sandbox, userName = 'gha.deployer'): Caller {
  const authorization = basic(userName)
  const send = (method: string, path: string, init: RequestInit = {}) =>
    request(`${sandbox.url}${path}`, { ...init, method, headers: { authorization, ...init.headers } })
  const withBody =
    (method: string) =>
    (path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
      send(method, path, {
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body)
      })
  return {
    get: (path, headers = {}) => send('GET', path, { headers }),
    post: withBody('POST'),
    patch: withBody('PATCH'),
    send
  }
}

/** Creates a normal change with an assignment group. Returns its sys_id. */
export async function newChange(sandbox: Sandbox, fields: Record<string, unknown> = {}): Promise<string> {
  const values = { short_description: 'Deploy', assignment_group: 'DevOps Team', ...fields }
  const created = await as(sandbox).post(`${CHANGE}/normal`, values)
  return String(created.at('result', 'sys_id', 'value'))
}

/** Creates a change and approves it: it is in Scheduled. Returns its sys_id. */
export async function approvedChange(
  sandbox: Sandbox,
  fields: Record<string, unknown> = {}
): Promise<string> {
  const id = await newChange(sandbox, fields)
  await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
  await sandbox.waitFor(() => sandbox.approvers(id).length > 0)
  sandbox.approve(id)
  return id
}

/** Waits until an approval of the change is requested. */
export function approvalRequested(sandbox: Sandbox, id: string): Promise<boolean> {
  return sandbox.waitFor(() => sandbox.approvers(id).some(row => row.state === 'requested'))
}

/** Creates a change whose approval by the CAB is requested. Returns its sys_id. */
export async function pendingChange(
  sandbox: Sandbox,
  type: 'normal' | 'emergency' = 'normal'
): Promise<string> {
  const created = await as(sandbox).post(`${CHANGE}/${type}`, { assignment_group: 'DevOps Team' })
  const id = String(created.at('result', 'sys_id', 'value'))
  await as(sandbox).patch(`${CHANGE}/${id}`, { state: type === 'normal' ? '-4' : '-3' })
  await approvalRequested(sandbox, id)
  return id
}

/** The stored state and approval of a change. */
export function stateAndApproval(sandbox: Sandbox, id: string): (string | undefined)[] {
  const change = sandbox.change(id)
  return [change?.state, change?.approval]
}

/** User name and state of each approver of a change. */
export function approverStates(sandbox: Sandbox, id: string): (string | undefined)[][] {
  return sandbox.approvers(id).map(row => [row.approver_name, row.state])
}

export interface FileOptions {
  /** Default `report.json`. */
  readonly name?: string
  /** Media type. Default `application/json`. */
  readonly type?: string
  /** User name. Default `gha.deployer`. */
  readonly user?: string
}

/** Path and query of a raw upload to a change. */
export function uploadPath(change: string, name: string): string {
  const query = new URLSearchParams({ table_name: 'change_request', table_sys_id: change, file_name: name })
  return `${ATTACHMENT}/file?${query}`
}

/** Attaches a file to a change by a raw upload. */
export function uploadFile(
  sandbox: Sandbox,
  change: string,
  bytes: Buffer | string,
  { name = 'report.json', type = 'application/json', user }: FileOptions = {}
): Promise<TestResponse> {
  return as(sandbox, user).send('POST', uploadPath(change, name), {
    headers: { 'content-type': type },
    body: bytes
  })
}
