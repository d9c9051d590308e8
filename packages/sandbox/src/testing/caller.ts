import type { Sandbox } from '../sandbox.ts'
import { ACCOUNTS } from '../seed/accounts.ts'

/** An answer of the sandbox, for assertions. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The value at a path of keys and indices in the JSON body. */
  at(...path: readonly (string | number)[]): unknown
}

export interface Caller {
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  send(method: string, path: string, init?: RequestInit): Promise<Answer>
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

export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, at: (...path) => valueAt(text, path) }
}

export function basic(userName: string): string {
  const password = ACCOUNTS.find(account => account.userName === userName)?.password ?? ''
  return `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`
}

/** Makes requests to a sandbox as one of its accounts. */
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

/** Creates a normal change with an assignment group and returns its sys_id. */
export async function newChange(sandbox: Sandbox, fields: Record<string, unknown> = {}): Promise<string> {
  const values = { short_description: 'Deploy', assignment_group: 'DevOps Team', ...fields }
  const created = await as(sandbox).post(`${CHANGE}/normal`, values)
  return String(created.at('result', 'sys_id', 'value'))
}

/** Takes a fresh change to Scheduled by way of its approvals. */
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
