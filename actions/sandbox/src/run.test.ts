import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { definition as checkConnection } from '../../check-connection/src/main.ts'
import { type Given, type Performed, performInProcess } from '../../testing/step-in-process.ts'
import { CREDENTIALS } from './credentials.ts'
import { definitionWith } from './main.ts'
import { postDefinition } from './post.ts'

const CLI = join(import.meta.dirname, '../../../packages/sandbox/src/cli.ts')
const definition = definitionWith(CLI)

let folder: string
let started: Performed | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-action-'))
})
afterEach(async () => {
  if (started !== undefined) await end(started)
  started = undefined
  rmSync(folder, { recursive: true, force: true })
})

const variables = () => ({ GITHUB_WORKSPACE: folder, RUNNER_TEMP: folder, PATH: process.env.PATH ?? '' })

async function start(given: Given = {}): Promise<Performed> {
  started = await performInProcess(definition, variables(), given)
  return started
}

const end = ({ state }: Performed) => performInProcess(postDefinition, variables(), { state })

/** How an instance responds; undefined when nobody listens. */
const statusOf = (url: string, headers = {}): Promise<number | undefined> =>
  fetch(url, { headers }).then(
    ({ status }) => status,
    () => undefined
  )

describe('the sandbox', () => {
  it('runs for the steps that follow, and is stopped after the job', async () => {
    const { outputs, exported, failure, ...main } = await start()
    expect(failure).toBeUndefined()
    expect(outputs).toEqual({
      instance: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      username: 'gha.deployer',
      password: 'deployer-password',
      'client-id': 'github-actions',
      'client-secret': 'sandbox-client-secret'
    })
    expect(exported).toEqual({
      SERVICENOW_INSTANCE: outputs.instance,
      SERVICENOW_CLIENT_ID: 'github-actions',
      SERVICENOW_CLIENT_SECRET: 'sandbox-client-secret'
    })
    expect(main.info.join()).not.toMatch(/password|client-secret/)
    const step = await performInProcess(checkConnection, { ...variables(), ...exported }, {})
    expect(step.outputs.ok).toBe('true')
    const post = await end({ ...main, outputs, exported, failure })
    expect(post.info).toEqual(['The sandbox is stopped.'])
    expect(post.warnings).toEqual([])
    expect(await statusOf(outputs.instance ?? '')).toBeUndefined()
  })

  it('gets a state file of the workspace, and its data is there again', async () => {
    const inputs = { 'state-file': 'state.json', 'approve-after': '1m' }
    const first = await start({ inputs })
    const url = `${first.outputs.instance}/api/sn_chg_rest/v1/change/normal`
    const authorization = `Basic ${btoa('gha.deployer:deployer-password')}`
    await fetch(url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{}'
    })
    await end(first)
    const { outputs } = await start({ inputs })
    const change = `${outputs.instance}/api/now/table/change_request?sysparm_query=number=CHG0030001`
    const found = await fetch(change, { headers: { authorization, accept: 'application/json' } })
    expect(await found.json()).toMatchObject({ result: [{ number: 'CHG0030001' }] })
  })

  it('that cannot start fails the step with the reason, and overwrites nothing', async () => {
    writeFileSync(join(folder, 'state.json'), '{"version":99}')
    const { failure, outputs } = await start({ inputs: { 'state-file': 'state.json' } })
    expect(failure?.title).toBe('ServiceNow sandbox: not started')
    expect(failure?.text).toMatch(/state\.json was written by another version.*Fix/s)
    expect(outputs.instance).toBe('')
  })

  it('names a port in use', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const port = String((server.address() as AddressInfo).port)
    const { failure } = await start({ inputs: { port } })
    server.close()
    expect(failure?.text).toMatch(/Port \d+ is in use/)
  })

  it('is killed with a step that is cancelled', async () => {
    const cancel = new AbortController()
    const onSleep = () => cancel.abort()
    const { state } = await start({ interrupt: cancel.signal, onSleep })
    const { info } = await end({ ...(started as Performed), state })
    expect(info[0]).toMatch(/stopped/)
  })
})

describe('the post step', () => {
  it.each([
    {},
    { 'sandbox-pid': '' },
    { 'sandbox-pid': '0' },
    { 'sandbox-pid': '-1' },
    { 'sandbox-pid': 'x' }
  ])('stops nothing for %j', async state => {
    const { info } = await performInProcess(postDefinition, variables(), { state })
    expect(info).toEqual(['No sandbox was started.'])
  })
})

it('has the credentials and the seeds of the sandbox', async () => {
  const { ACCOUNTS, OAUTH_CLIENTS } = await import('@change-actions/sandbox')
  const { username, password, clientId, clientSecret } = CREDENTIALS
  expect(ACCOUNTS).toContainEqual(expect.objectContaining({ userName: username, password }))
  expect(OAUTH_CLIENTS).toContainEqual({ id: clientId, secret: clientSecret, applicationUser: username })
  const { outputs } = await start({ inputs: { seed: 'stock' } })
  const authorization = `Basic ${btoa(`${username}:${password}`)}`
  const problems = await statusOf(`${outputs.instance}/api/now/table/change_request`, { authorization })
  expect(problems).toBe(200)
})
