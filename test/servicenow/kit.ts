/** The companion application of `servicenow/` in the sandbox, and a pipeline that speaks to its door. */
import { createHmac } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import {
  type LoadedScripts,
  loadScripts,
  type Sandbox,
  type SandboxOptions,
  startSandbox
} from '@change-actions/sandbox'

export const SECRET = 'sandbox-signing-secret'
export const FLOW = 'global.create_change'
export const BINDING = 'gha2 0123456789abcdef0123456789abcdef01234567 1001 0123456789abcdef.01234567'

export const companion = (): Promise<LoadedScripts> =>
  loadScripts(fileURLToPath(new URL('../../servicenow', import.meta.url)))

/** A sandbox with the application; approvers decide when the test says so. */
export async function startCompanion(options: SandboxOptions = {}): Promise<Sandbox> {
  return startSandbox({ approvalDelayMs: 0, scripts: await companion(), ...options })
}

/** Sets a property of the instance. */
export function setProperty(sandbox: Sandbox, name: string, value: string): void {
  const row = sandbox.rows('sys_properties').find(one => one.name === `x_chgact.${name}`)
  if (!row) throw new Error(`no property x_chgact.${name}`)
  sandbox.set('sys_properties', row.sys_id ?? '', { value })
}

export type Body = Readonly<Record<string, unknown>>

/** A message as a pipeline writes it, sent now. */
export function messageOf(kind: 'flow' | 'event', name: string, over: Body = {}): Body {
  return {
    version: 1,
    delivery: 'd-1',
    [kind]: name,
    data: {},
    repository: 'acme/shop',
    run_id: '1001',
    run_attempt: '1',
    commit: '0123456789abcdef0123456789abcdef01234567',
    environment: 'production',
    correlation_id: 'gha-1',
    correlation_display: BINDING,
    at: new Date().toISOString(),
    ...over
  }
}

export interface DoorReply {
  readonly status: number
  readonly result: {
    readonly delivery: string
    readonly accepted: boolean
    readonly duplicate: boolean
    readonly execution_id: string
    readonly state: string
    readonly outputs: Readonly<Record<string, unknown>>
    readonly error: string
    readonly change: { readonly sys_id: string; readonly number: string } | null
  }
  /** Of a refusal. */
  readonly error?: { readonly message: string; readonly detail: string }
}

export interface Sending {
  readonly account?: string
  readonly secret?: string
  /** The body as it is sent; default: the message as JSON. */
  readonly text?: string
  /** Headers that differ; `undefined`: left out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

const basic = (account: string) =>
  `Basic ${Buffer.from(`${account}:${account.replace('gha.', '')}-password`).toString('base64')}`

async function replyOf(response: Response): Promise<DoorReply> {
  return { ...((await response.json()) as Omit<DoorReply, 'status'>), status: response.status }
}

/** Sends a message to the door, signed. */
export async function deliver(sandbox: Sandbox, body: Body, sending: Sending = {}): Promise<DoorReply> {
  const { account = 'gha.deployer', secret = SECRET, text = JSON.stringify(body), headers = {} } = sending
  const sent = {
    Authorization: basic(account),
    'Content-Type': 'application/json',
    'X-Change-Actions-Delivery': String(body.delivery),
    'X-Change-Actions-Signature-256': `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`,
    ...headers
  }
  const kept = Object.entries(sent).filter((one): one is [string, string] => one[1] !== undefined)
  const path = 'flow' in body ? 'flows' : 'events'
  const url = `${sandbox.url}/api/x_chgact/v1/${path}`
  return replyOf(await fetch(url, { method: 'POST', headers: Object.fromEntries(kept), body: text }))
}

/** What became of a delivery. */
export async function delivery(sandbox: Sandbox, id: string, account = 'gha.deployer'): Promise<DoorReply> {
  const url = `${sandbox.url}/api/x_chgact/v1/deliveries/${encodeURIComponent(id)}`
  return replyOf(await fetch(url, { headers: { Authorization: basic(account) } }))
}

/** Waits until all executions of flows are over. */
export const flowsOver = (sandbox: Sandbox) =>
  sandbox.waitFor(() =>
    sandbox.rows('sys_flow_context').every(row => !['QUEUED', 'IN_PROGRESS'].includes(row.state ?? ''))
  )

/** The changes that pipelines of this file made. */
export const changesOf = (sandbox: Sandbox) =>
  sandbox.rows('change_request').filter(row => row.correlation_id?.startsWith('gha-'))
