import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { ATTACHMENT, as, CHANGE, newChange, uploadFile } from '../testing/caller.ts'

let folder: string
let sandbox: Sandbox | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
})
afterEach(async () => {
  await sandbox?.stop()
  sandbox = undefined
  rmSync(folder, { recursive: true, force: true })
})

async function start(options: SandboxOptions): Promise<Sandbox> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
  return sandbox
}

it('keeps records, attachments, numbers and scheduled jobs', async () => {
  const stateFile = join(folder, 'deep', 'state.json')
  const first = await start({ stateFile, approvalDelayMs: 60_000 })
  const id = await newChange(first, { work_notes: 'kept' })
  const bytes = Buffer.from([0, 255, 1])
  await uploadFile(first, id, bytes)
  await as(first).patch(`${CHANGE}/${id}`, { state: '-4' })
  await first.stop()
  const saved = readFileSync(stateFile, 'utf8').replaceAll('"delayMs":30000', '"delayMs":0')
  writeFileSync(stateFile, saved)

  const second = await start({ stateFile })
  expect(second.journal(id).map(note => note.text)).toEqual(['kept'])
  expect(second.attachments(id)[0]?.bytes).toEqual(bytes)
  await second.waitFor(() => second.approvers(id).length > 0)
  await newChange(second)
  expect(second.change('CHG0030002')).toBeDefined()
  expect(new Set(second.rows('change_request').map(row => row.sys_id)).size).toBe(2)
  expect(readdirSync(join(folder, 'deep'))).toEqual(['state.json', 'state.json.attachments'])
})

it('keeps only the files of existing attachments, and files of other programs', async () => {
  const stateFile = join(folder, 'state.json')
  const attachments = `${stateFile}.attachments`
  const orphan = '0'.repeat(32)
  mkdirSync(attachments)
  for (const name of [orphan, `${orphan}.part`, 'notes.txt']) writeFileSync(join(attachments, name), 'x')
  const running = await start({ stateFile })
  const id = await newChange(running)
  const kept = String((await uploadFile(running, id, 'content')).at('result', 'sys_id'))
  const deleted = String((await uploadFile(running, id, 'content')).at('result', 'sys_id'))
  await as(running).send('DELETE', `${ATTACHMENT}/${deleted}`)
  expect((await uploadFile(running, id, 'content', { user: 'gha.reader' })).status).toBe(403)
  await running.waitFor(() => readdirSync(attachments).length === 2)
  expect(readdirSync(attachments).sort()).toEqual([kept, 'notes.txt'].sort())
})

it('is written while the instance runs', async () => {
  const stateFile = join(folder, 'state.json')
  const running = await start({ stateFile })
  await newChange(running)
  await as(running).get(CHANGE)
  expect(readFileSync(stateFile, 'utf8')).toContain('CHG0030001')
})

const WHOLE = '{"version":2,"data":{"tables":{"change_request":[{"sys_id":"a"}]},"counters":{}},"jobs":[]}'

it('is taken whole', async () => {
  const stateFile = join(folder, 'state.json')
  writeFileSync(stateFile, WHOLE)
  expect((await start({ stateFile })).rows('change_request')).toEqual([{ sys_id: 'a' }])
})

it.each([
  ['text', 'not json', 'half written'],
  ['a part', WHOLE.slice(0, -10), 'half written'],
  ['nothing', '', 'half written'],
  ['another version', WHOLE.replace('2', '99'), 'another version'],
  ['null', 'null', 'another version'],
  ['no tables', WHOLE.replace('tables', 'rows'), 'another version'],
  ['an unknown table', WHOLE.replace('change_request', 'u_mine'), 'another version'],
  ['a row without an id', WHOLE.replace('sys_id', 'number'), 'another version'],
  ['a value of another type', WHOLE.replace('"a"', '7'), 'another version'],
  ['no jobs', WHOLE.replace('jobs', 'work'), 'another version']
])('is left as it is when it holds %s', async (_, content, reason) => {
  const stateFile = join(folder, 'state.json')
  writeFileSync(stateFile, content)
  const refused = startSandbox({ stateFile })
  await expect(refused).rejects.toThrow(reason)
  await expect(refused).rejects.toThrow('Fix: delete it')
  expect(readFileSync(stateFile, 'utf8')).toBe(content)
  expect(readdirSync(folder)).toEqual(['state.json'])
})

it('is refused at the start where it cannot be read or written', async () => {
  await expect(startSandbox({ stateFile: folder })).rejects.toThrow(/cannot be read .*EISDIR.* Fix:/)
  writeFileSync(join(folder, 'file'), '')
  const below = join(folder, 'file', 'state.json')
  await expect(startSandbox({ stateFile: below })).rejects.toThrow(/Fix:/)
})
