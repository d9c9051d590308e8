/** The sandbox as the demo sees it: a process of its own, spoken to over HTTP like any instance. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** The account that runs deployments, as the sandbox's README lists it. */
export const DEPLOYER = { id: 'github-actions', secret: 'sandbox-client-secret' }
const APPROVER = 'anna.approver:anna-password'
const ADMIN = 'admin:admin-password'

/**
 * Starts the committed sandbox on a free port of the loopback interface.
 *
 * @param {string} main the bundle
 * @param {string[]} args
 * @returns {Promise<{ url: string, stop: () => Promise<void>, ended: Promise<unknown> }>}
 */
export async function startInstance(main, args) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => child.on('exit', resolve))
  const url = await new Promise((resolve, reject) => {
    child.on('error', reject)
    void ended.then(code => reject(new Error(`the sandbox ended with ${code} before it was ready`)))
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
 * One request as a person or an auditor; throws for anything but a success.
 *
 * @param {string} url
 * @param {{ as: string, method?: string, body?: object }} options
 */
async function ask(url, { as, method = 'GET', body }) {
  const headers = {
    Authorization: `Basic ${Buffer.from(as).toString('base64')}`,
    Accept: 'application/json',
    'Content-Type': 'application/json'
  }
  const answer = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
  return answer
}

/**
 * Anna, a member of the CAB, looks until she is asked, thinks for a while, and approves.
 *
 * @param {string} instance
 * @param {{ thinkMs: number, signal: AbortSignal }} options
 */
export async function approveAsPerson(instance, { thinkMs, signal }) {
  const query = encodeURIComponent('state=requested^approver.user_name=anna.approver')
  while (!signal.aborted) {
    const answer = await ask(`${instance}/api/now/table/sysapproval_approver?sysparm_query=${query}`, {
      as: APPROVER
    })
    const { result } = /** @type {{ result: { sysapproval: { value: string } }[] }} */ (await answer.json())
    const [asked] = result
    if (asked !== undefined) {
      await pause(thinkMs, signal)
      const path = `/api/sn_chg_rest/v1/change/${asked.sysapproval.value}/approvals`
      const body = { state: 'approved', comments: 'Looked at the evidence. Go ahead.' }
      if (!signal.aborted) await ask(instance + path, { as: APPROVER, method: 'PATCH', body })
      return
    }
    await pause(200, signal)
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** @typedef {Record<string, { value: string, display_value: string }>} Row */

/**
 * Rows of a table as an auditor sees them.
 *
 * @param {string} instance
 * @param {string} table
 * @param {string} query
 * @returns {Promise<Row[]>}
 */
export async function rows(instance, table, query) {
  const path = `/api/now/table/${table}?sysparm_query=${encodeURIComponent(query)}&sysparm_display_value=all`
  const answer = await ask(instance + path, { as: ADMIN })
  return /** @type {{ result: Row[] }} */ (await answer.json()).result
}

/**
 * The attachments of a change with their bytes.
 *
 * @param {string} instance
 * @param {string} sysId
 * @returns {Promise<{ name: string, bytes: Buffer }[]>}
 */
export async function attachments(instance, sysId) {
  const query = encodeURIComponent(`table_sys_id=${sysId}`)
  const answer = await ask(`${instance}/api/now/attachment?sysparm_query=${query}`, { as: ADMIN })
  const { result } = /** @type {{ result: { sys_id: string, file_name: string }[] }} */ (await answer.json())
  return Promise.all(
    result.map(async one => {
      const file = await ask(`${instance}/api/now/attachment/${one.sys_id}/file`, { as: ADMIN })
      return { name: one.file_name, bytes: Buffer.from(await file.arrayBuffer()) }
    })
  )
}
