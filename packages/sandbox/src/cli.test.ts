import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { readFlags } from './cli-flags.ts'
import { ATTACHMENT, basic, CHANGE, request } from './testing/caller.ts'

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url))

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('readFlags', () => {
  it('returns options', () => {
    const flags = ['--port', '0', '--approve-after', '1.5', '--latency', '20', '--tasks', '--state-file', 'x']
    expect(readFlags([...flags, '--stop-after', '2'])).toEqual({
      help: false,
      options: {
        port: 0,
        seed: 'change',
        autoApproveAfterMs: 1500,
        latencyMs: 20,
        tasksOnImplement: true,
        readableJournal: false,
        stateFile: 'x'
      },
      stopAfterMs: 2000
    })
    expect(readFlags([]).options).toEqual({
      port: 8080,
      seed: 'change',
      tasksOnImplement: false,
      readableJournal: false
    })
  })

  it.each([
    [['--nope']],
    [['--port', 'x']],
    [['--latency', '-1']],
    [['--approve-after', '']],
    [['--seed', 'x']],
    [['extra']]
  ])('refuses %j', argv => {
    expect(() => readFlags(argv)).toThrow()
  })
})

describe('the command', () => {
  it('ends with the reason where scripts cannot be loaded', async () => {
    const child = spawn(process.execPath, ['--no-warnings', CLI, '--port', '0', '--scripts', folder])
    let errors = ''
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    expect(await once(child, 'exit')).toEqual([1, null])
    expect(errors).toMatch(/manifest\.json cannot be read .*Fix: name a folder/)
  })

  it('prints a line when it is ready, stops on SIGTERM, and leaves no files', async () => {
    const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder }
    const child = spawn(process.execPath, ['--no-warnings', CLI, '--port', '0'], { env })
    const exited = once(child, 'exit')
    let url = ''
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith('ready ')) continue
      url = line.slice('ready '.length)
      break
    }
    expect((await request(`${url}/`)).status).toBe(200)
    const headers = { authorization: basic('gha.deployer'), 'content-type': 'application/json' }
    const created = await request(`${url}${CHANGE}/normal`, { method: 'POST', headers, body: '{}' })
    const query = `table_name=change_request&table_sys_id=${created.at('result', 'sys_id', 'value')}&file_name=a`
    await request(`${url}${ATTACHMENT}/file?${query}`, { method: 'POST', headers, body: 'content' })
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^servicenow-sandbox-/)])
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    expect(readdirSync(folder)).toEqual([])
  })

  it('fails for an unknown flag', async () => {
    const child = spawn(process.execPath, ['--no-warnings', CLI, '--bogus'])
    const stderr: Buffer[] = []
    child.stderr.on('data', chunk => stderr.push(chunk))
    expect(await once(child, 'close')).toEqual([1, null])
    expect(Buffer.concat(stderr).toString()).toContain('--bogus')
  })
})
