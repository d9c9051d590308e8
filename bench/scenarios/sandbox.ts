import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { API_KEYS } from '@change-actions/sandbox'
import { withInstance } from '../instance/instance.ts'
import { ms, ratio, table } from '../measure/format.ts'
import { bareNode } from '../measure/process.ts'
import { interleaved, median } from '../measure/statistics.ts'
import type { Result, Scenario } from '../scenario.ts'

const CHANGES = 10_000
const REQUEST_ROUNDS = 300
const START_ROUNDS = 15
const MAX_READ_FACTOR = 2
const MAX_LIST_FACTOR = 10
const MAX_START_FACTOR = 6

const CLI = join(import.meta.dirname, '../../dist/sandbox/index.js')
const PATH = '/api/now/table/change_request'
const QUERY = encodeURIComponent('type=emergency^priority=2^short_descriptionLIKE99')

type Times = Readonly<Record<'bare' | 'read' | 'list' | 'node' | 'start', readonly number[]>>

/** The sandbox beside a bare server, and its start beside an empty process. */
export const sandbox: Scenario = {
  name: 'sandbox',
  title: 'The sandbox',
  run: async () => {
    const requests = await timesOfRequests()
    const starts = await interleaved(START_ROUNDS, { node: bareNode, start: timeToReady })
    return toResult({ ...requests, ...starts })
  }
}

/** Starts a server that sends `body`, runs `use` with its URL, and stops it. */
async function withBareServer<T>(body: string, use: (url: string) => Promise<T>): Promise<T> {
  const child = fork(join(import.meta.dirname, '../instance/bare-server.ts'), [body])
  const [{ ready }] = (await once(child, 'message')) as [{ ready: string }]
  try {
    return await use(ready)
  } finally {
    child.disconnect()
  }
}

function timesOfRequests(): Promise<Record<'bare' | 'read' | 'list', number[]>> {
  return withInstance({}, async instance => {
    const id = await instance.call('insertChanges', CHANGES)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const body = await responseOf(`${instance.url}${PATH}/${id}`, agent)
    const timed = (url: string) => async () => {
      const started = performance.now()
      await responseOf(url, agent)
      return performance.now() - started
    }
    try {
      return await withBareServer(body, bare =>
        interleaved(REQUEST_ROUNDS, {
          bare: timed(bare),
          read: timed(`${instance.url}${PATH}/${id}`),
          list: timed(`${instance.url}${PATH}?sysparm_query=${QUERY}&sysparm_limit=10`)
        })
      )
    } finally {
      agent.destroy()
    }
  })
}

/** The body of a response. @throws Error for a status other than 200 */
async function responseOf(url: string, agent: Agent): Promise<string> {
  const request = get(url, { agent, headers: { 'x-sn-apikey': API_KEYS[0]?.key ?? '' } })
  const [response] = await once(request, 'response')
  const body = await text(response)
  if (response.statusCode !== 200) throw new Error(`${url} responded with ${response.statusCode}: ${body}`)
  return body
}

/** Milliseconds until the command says that it is ready. */
async function timeToReady(): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, [CLI, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    for await (const part of child.stdout) {
      if (String(part).includes('ready http')) return performance.now() - started
    }
    throw new Error('The sandbox ended before it was ready.')
  } finally {
    child.kill()
  }
}

function toResult(times: Times): Result {
  const factor = (one: keyof Times, of: keyof Times) => median(times[one]) / median(times[of])
  const finding = (what: string, value: number, max: number, of: string) => ({
    what,
    target: `≤ ${max}× ${of}`,
    measured: ratio(value),
    met: value <= max
  })
  return {
    findings: [
      finding('the sandbox: a read', factor('read', 'bare'), MAX_READ_FACTOR, 'a bare server'),
      finding(
        `a list by three terms, ${CHANGES.toLocaleString('en')} changes`,
        factor('list', 'read'),
        MAX_LIST_FACTOR,
        'a read'
      ),
      finding('the start of the command', factor('start', 'node'), MAX_START_FACTOR, 'bare node')
    ],
    details: table(
      ['what', 'median'],
      Object.entries(times).map(([name, values]) => [name, ms(median(values))])
    )
  }
}
