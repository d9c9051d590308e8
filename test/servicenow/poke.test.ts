/** The poke of the companion application: which changes cause one, what it says, and how often it is tried. */
import { EventEmitter, once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createManualClock, type Sandbox } from '@change-actions/sandbox'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { BINDING, setProperty, startCompanion } from './kit.ts'

// Each script runs in a thread of its own, which takes a second on a busy machine.
jest.setTimeout(30_000)

interface Poke {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}

const clock = createManualClock(Date.parse('2026-12-01T20:00:00Z'))
let sandbox: Sandbox
let server: Server
const arrivals = new EventEmitter()
let pokes: Poke[] = []
let statuses: number[] = []

beforeEach(async () => {
  pokes = []
  statuses = []
  server = createServer(async (request, response) => {
    const body = await text(request)
    pokes.push({ path: request.url ?? '', authorization: request.headers.authorization, body })
    response.writeHead(statuses.shift() ?? 204).end()
    arrivals.emit('poke')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  sandbox = await startCompanion({ now: clock.now, after: clock.after, laxStates: true })
  setProperty(sandbox, 'github_api', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  setProperty(sandbox, 'github_repository', 'acme/ops')
  setProperty(sandbox, 'github_token', 'github_pat_secret')
})
afterEach(async () => {
  await sandbox.stop()
  server.close()
})

/** A person or the pipeline writes the change, with all rules. */
async function write(id: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const response = await fetch(`${sandbox.url}/api/now/table/change_request/${id}`, {
    method: 'PATCH',
    headers: {
      Authorization: `Basic ${Buffer.from('admin:admin-password').toString('base64')}`,
      'Content-Type': 'application/json'
    },
    body: JSON.stringify(fields)
  })
  expect(response.status).toBe(200)
}

const plant = (fields: Readonly<Record<string, string>> = {}) =>
  sandbox.insert('change_request', {
    short_description: 'Deploy',
    assignment_group: 'DevOps Team',
    correlation_display: BINDING,
    state: '-3',
    approval: 'requested',
    ...fields
  })

const log = () => sandbox.rows('syslog').map(row => row.message ?? '')

/** Runs what is due at once. */
async function settled(): Promise<void> {
  clock.advance(0)
  await sandbox.waitFor(() => sandbox.rows('sys_trigger').every(row => row.kind === 'action'))
}

/** Waits for this many pokes. */
async function poked(count: number): Promise<void> {
  while (pokes.length < count) await once(arrivals, 'poke')
}

describe('a poke', () => {
  it('starts the workflow without inputs, with the token of the instance', async () => {
    await write(plant(), { approval: 'approved', state: '-2' })
    await settled()
    await poked(1)
    expect(pokes).toEqual([
      {
        path: '/repos/acme/ops/actions/workflows/resume.yml/dispatches',
        authorization: 'Bearer github_pat_secret',
        body: '{"ref":"main"}'
      }
    ])
    expect(log()).toEqual([])
  })

  it.each([
    ['rejected', { approval: 'rejected' }],
    ['canceled', { state: '4' }]
  ])('is sent for a change that is %s', async (_, fields) => {
    await write(plant({ state: '-2', approval: 'approved' }), fields)
    await settled()
    await poked(1)
  })

  it.each([
    ['moves to Implement', {}, { state: '-1' }],
    ['is edited', {}, { short_description: 'Deploy 2' }],
    ['is of somebody else', { correlation_display: 'gharial pipeline' }, { approval: 'rejected' }],
    ['has its approval requested', { state: '-5', approval: 'not requested' }, { approval: 'requested' }]
  ])('is not sent when the change %s', async (_, planted, fields) => {
    await write(plant({ state: '-2', approval: 'approved', ...planted }), fields)
    await settled()
    // One that is sent proves that nothing else was on its way.
    await write(plant(), { approval: 'approved', state: '-2' })
    await settled()
    await poked(1)
    expect(pokes).toHaveLength(1)
  })

  it('is tried three times after temporary errors, then the log says so without the token', async () => {
    statuses = [502, 429, 503, 204]
    const id = plant()
    await write(id, { approval: 'approved', state: '-2' })
    await settled()
    await poked(1)
    for (const [seconds, count] of [
      [30, 2],
      [120, 3]
    ] as const) {
      const queued = () => sandbox.rows('sys_trigger').some(row => row.kind === 'action')
      await sandbox.waitFor(queued)
      clock.advance((seconds - 1) * 1000)
      expect(pokes).toHaveLength(count - 1)
      clock.advance(1000)
      await poked(count)
    }
    await sandbox.waitFor(() => log().length > 0)
    clock.advance(600_000)
    expect(pokes).toHaveLength(3)
    expect(log()).toEqual([
      `Poke for ${sandbox.change(id)?.number} not taken by GitHub: status 503. Its schedule makes up for it.`
    ])
  })

  it('is not tried again when the change moved on meanwhile', async () => {
    statuses = [502]
    const id = plant()
    await write(id, { approval: 'approved', state: '-2' })
    await settled()
    await poked(1)
    await sandbox.waitFor(() => sandbox.rows('sys_trigger').some(row => row.kind === 'action'))
    sandbox.set('change_request', id, { state: '-1' })
    clock.advance(30_000)
    await sandbox.waitFor(() => sandbox.rows('sysevent').every(row => row.state === 'processed'))
    expect(pokes).toHaveLength(1)
  })

  it('is not tried again when GitHub does not know the workflow', async () => {
    statuses = [404]
    await write(plant(), { approval: 'approved', state: '-2' })
    await settled()
    await sandbox.waitFor(() => log().length > 0)
    expect(log()[0]).toContain('status 404')
    expect(sandbox.rows('sysevent')).toEqual([])
  })

  it.each([
    ['github_api', 'http://attacker.example'],
    ['github_api', 'https://user@attacker.example'],
    ['github_repository', '../user'],
    ['github_repository', 'acme/..'],
    ['github_workflow', 'resume.yml/../../secrets'],
    ['github_token', '']
  ])('is not sent where the property %s is %s, and the log names it', async (name, value) => {
    setProperty(sandbox, name, value)
    await write(plant(), { approval: 'approved', state: '-2' })
    await settled()
    await sandbox.waitFor(() => log().length > 0)
    expect(log()).toEqual([`No poke is sent: the property x_chgact.${name} is missing or not valid.`])
    expect(pokes).toEqual([])
  })

  it('is not sent on an instance that is not set up for it, without a word', async () => {
    setProperty(sandbox, 'github_repository', '')
    setProperty(sandbox, 'github_token', '')
    await write(plant(), { approval: 'approved', state: '-2' })
    await settled()
    // The next one is sent: what comes before it is over.
    setProperty(sandbox, 'github_repository', 'acme/ops')
    setProperty(sandbox, 'github_token', 'other')
    await write(plant(), { approval: 'approved', state: '-2' })
    await settled()
    await poked(1)
    expect(pokes.map(one => one.authorization)).toEqual(['Bearer other'])
    expect(log()).toEqual([])
  })
})
