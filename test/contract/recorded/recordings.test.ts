/**
 * The sandbox responds as in each recording of `files/`: `npm run adopt -- FILE NAME` adds one. The sandbox recorded by
 * itself shows that the comparison works: it finds no difference there, and finds the ones that are made.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from '@change-actions/sandbox'
import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { startRecorder } from '../../../packages/sandbox/src/recording/recorder.ts'
import { readRecording } from '../../../packages/sandbox/src/recording/recording.ts'
import { adopt, FILES } from '../../../scripts/adopt.ts'
import nock from '../../nock.ts'
import { play } from './play.ts'

let folder: string
let sandbox: Sandbox
beforeAll(() => nock.restore())
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'recordings-'))
  sandbox = await startSandbox({ approvalDelayMs: 0 })
})
afterEach(async () => {
  await sandbox.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A change that is made, read, and refused something. */
async function recorded(): Promise<string> {
  const file = join(folder, 'recording.json')
  const other = await startSandbox({ approvalDelayMs: 0 })
  // Its change has another number and sys_id than the one that the sandbox will give.
  other.insert('change_request', { short_description: 'An earlier one' })
  const onProblem = (text: string) => {
    throw new Error(text)
  }
  const recorder = await startRecorder({ file, instance: other.url, port: 0, onProblem })
  const send = async (method: string, path: string, body?: object) => {
    const headers = {
      authorization: `Basic ${btoa('gha.deployer:deployer-password')}`,
      'content-type': 'application/json',
      accept: 'application/json'
    }
    const given = { method, headers, ...(body && { body: JSON.stringify(body) }) }
    return (await fetch(recorder.url + path, given)).json() as Promise<{
      result: { sys_id: { value: string } }
    }>
  }
  const changes = '/api/sn_chg_rest/v1/change'
  const created = await send('POST', `${changes}/normal`, { short_description: 'Deploy' })
  const id = created.result.sys_id.value
  await send('GET', `${changes}/${id}`)
  await send('GET', `/api/now/table/change_request?sysparm_query=sys_id=${id}&sysparm_fields=number,state`)
  await send('PATCH', `${changes}/${id}`, { state: '3' })
  await send('GET', `${changes}/${'0'.repeat(32)}`)
  await recorder.stop()
  await other.stop()
  return file
}

it('finds no difference where there is none, and each that there is', async () => {
  const exchanges = readRecording(await recorded())
  expect(exchanges).toHaveLength(5)
  expect(await play(exchanges, sandbox.url)).toEqual([])
  const text = JSON.stringify(exchanges)
  const changed = text
    .replace('"status":404', '"status":403')
    .replace('"short_description":{"display_value":"Deploy"', '"short_description":{"shown":"Deploy"')
  expect(await play(JSON.parse(changed), sandbox.url)).toEqual([
    expect.stringMatching(/^1\. POST .*: result\.short_description\.shown is absent instead of string$/),
    expect.stringMatching(/^5\. GET .*: status 404 instead of 403$/)
  ])
})

it('adopts a recording, once', async () => {
  const file = await recorded()
  const adopted = adopt(file, 'a-change', folder)
  expect(readFileSync(adopted, 'utf8')).toBe(readFileSync(file, 'utf8'))
  expect(() => adopt(file, 'a-change', folder)).toThrow(/exists.*Fix:/)
  expect(() => adopt(file, '../x', folder)).toThrow(/Fix:/)
  expect(() => adopt(join(folder, 'none.json'), 'none', folder)).toThrow(/Fix:/)
})

it('responds as in each recording', async () => {
  for (const name of readdirSync(FILES).filter(one => one.endsWith('.json'))) {
    const own = await startSandbox({ approvalDelayMs: 0 })
    const differences = await play(readRecording(join(FILES, name)), own.url)
    await own.stop()
    expect([name, differences]).toEqual([name, []])
  }
})
