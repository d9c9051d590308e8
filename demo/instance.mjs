/** The sandbox in a process of its own. The demo uses it over HTTP, like any instance. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** The OAuth client for deployments: see the README of the sandbox. */
export const DEPLOYER = { id: 'github-actions', secret: 'sandbox-client-secret' }
/** A member of the CAB. */
const PERSON = { user: 'anna.approver', password: 'anna-password' }
const APPROVER = `${PERSON.user}:${PERSON.password}`
const ADMIN = 'admin:admin-password'

/**
 * Starts the sandbox.
 *
 * @param {string} main the bundle
 * @param {string[]} args flags of the sandbox
 * @returns {Promise<{ url: string, stop: () => Promise<void>, ended: Promise<unknown> }>}
 * @throws {Error} when it ends before it is ready
 */
export async function startInstance(main, args) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => child.on('exit', resolve))
  const url = await new Promise((resolve, reject) => {
    child.on('error', reject)
    void ended.then(code =>
      reject(new Error(`The sandbox ended with exit code ${code} before it was ready.`))
    )
    createInterface({ input: child.stdout }).on('line', line => {
      const ready = /^ready (http:\S+)$/.exec(line)
      if (ready !== null) resolve(ready[1])
    })
  })
  const stop = async () => {
    child.kill()
    await ended
  }
  return { url, stop, ended }
}

/**
 * Sends a request as one of the sandbox's accounts.
 *
 * @param {string} url
 * @param {{ as: string, method?: string, body?: object }} options `as`: user name and password, joined by a colon
 * @returns {Promise<Response>}
 * @throws {Error} when the status is not 2xx
 */
async function request(url, { as, method = 'GET', body }) {
  const headers = {
    Authorization: `Basic ${Buffer.from(as).toString('base64')}`,
    Accept: 'application/json',
    'Content-Type': 'application/json'
  }
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
  return response
}

/**
 * Waits until an approval is requested from Anna Approver, and returns the sys_id of its change; undefined when the
 * signal is aborted before.
 *
 * @param {string} instance
 * @param {AbortSignal} signal
 * @returns {Promise<string | undefined>}
 */
async function requestedApproval(instance, signal) {
  const query = encodeURIComponent(`state=requested^approver.user_name=${PERSON.user}`)
  while (!signal.aborted) {
    const response = await request(`${instance}/api/now/table/sysapproval_approver?sysparm_query=${query}`, {
      as: APPROVER
    })
    const { result } = /** @type {{ result: { sysapproval: { value: string } }[] }} */ (await response.json())
    const [approval] = result
    if (approval !== undefined) return approval.sysapproval.value
    await pause(200, signal)
  }
  return undefined
}

/**
 * Approves a change as Anna Approver, a member of the CAB: waits until an approval is requested, then waits `thinkMs`,
 * then approves.
 *
 * @param {string} instance
 * @param {{ thinkMs: number, signal: AbortSignal }} options
 */
export async function approveAsPerson(instance, { thinkMs, signal }) {
  const sysId = await requestedApproval(instance, signal)
  await pause(thinkMs, signal)
  if (sysId === undefined || signal.aborted) return
  const body = { state: 'approved', comments: 'Checked the evidence. Approved.' }
  const path = `/api/sn_chg_rest/v1/change/${sysId}/approvals`
  await request(instance + path, { as: APPROVER, method: 'PATCH', body })
}

/**
 * Waits until an approval is requested, and prints where the person at this machine can give it.
 *
 * @param {string} instance
 * @param {AbortSignal} signal
 */
export async function tellWhereToApprove(instance, signal) {
  const sysId = await requestedApproval(instance, signal)
  if (sysId === undefined) return
  console.log(`
  → Your approval is needed. Open ${changeAddress(instance, sysId)}
    Log in as ${PERSON.user} with the password ${PERSON.password}, then press Approve.
`)
}

/**
 * The page of a change.
 *
 * @param {string} instance
 * @param {string} sysId
 */
export function changeAddress(instance, sysId) {
  return `${instance}/change_request.do?sys_id=${sysId}`
}

/**
 * Ends early when the signal is aborted.
 *
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** @typedef {Record<string, { value: string, display_value: string }>} Row */

/**
 * The rows of a table that match an encoded query, read as an administrator.
 *
 * @param {string} instance
 * @param {string} table
 * @param {string} query
 * @returns {Promise<Row[]>}
 */
export async function rows(instance, table, query) {
  const path = `/api/now/table/${table}?sysparm_query=${encodeURIComponent(query)}&sysparm_display_value=all`
  const response = await request(instance + path, { as: ADMIN })
  return /** @type {{ result: Row[] }} */ (await response.json()).result
}

/**
 * The attachments of a change with their content.
 *
 * @param {string} instance
 * @param {string} sysId
 * @returns {Promise<{ name: string, bytes: Buffer }[]>}
 */
export async function attachments(instance, sysId) {
  const query = encodeURIComponent(`table_sys_id=${sysId}`)
  const list = await request(`${instance}/api/now/attachment?sysparm_query=${query}`, { as: ADMIN })
  const { result } = /** @type {{ result: { sys_id: string, file_name: string }[] }} */ (await list.json())
  return Promise.all(
    result.map(async one => {
      const file = await request(`${instance}/api/now/attachment/${one.sys_id}/file`, { as: ADMIN })
      return { name: one.file_name, bytes: Buffer.from(await file.arrayBuffer()) }
    })
  )
}
