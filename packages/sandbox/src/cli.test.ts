import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { readFlags } from './cli-flags.ts'
import { startSandbox } from './sandbox.ts'
import { ATTACHMENT, basic, CHANGE, request } from './testing/caller.ts'

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url))

// Each test starts a process of its own.
jest.setTimeout(30_000)

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

  it('returns what to record or to replay, with the instance of the flag or of the environment', () => {
    const record = { kind: 'record', file: 'x' }
    const env = { SERVICENOW_INSTANCE: 'acme' }
    expect(readFlags(['--record', 'x'], env).recording).toEqual({ ...record, instance: 'acme' })
    expect(readFlags(['--record', 'x', '--instance', 'other'], env).recording).toEqual({
      ...record,
      instance: 'other'
    })
    expect(readFlags(['--replay', 'x', '--port', '0'], env).recording).toEqual({ kind: 'replay', file: 'x' })
    expect(readFlags([], env).recording).toBeUndefined()
  })

  it.each([
    [['--nope'], "Unknown option '--nope'. Fix: --help lists the flags."],
    [['extra'], "Unexpected argument 'extra'. Fix: --help lists the flags."],
    [['--port'], "Option '--port <value>' argument missing. Fix: --help lists the flags."],
    [['--tasks=1'], "Option '--tasks' does not take an argument. Fix: --help lists the flags."],
    [['--port', 'x'], '--port takes a number of 0 or more, not "x". Fix: correct it.'],
    [['--latency', '-1'], /^Option '--latency.*' argument is ambiguous. Fix: --help lists the flags.$/],
    [['--approve-after', ''], '--approve-after takes a number of 0 or more, not "". Fix: correct it.'],
    [['--seed', 'x'], '--seed takes change or stock, not "x". Fix: correct it.'],
    [['--record', 'x'], '--record needs an instance. Fix: give --instance, or set SERVICENOW_INSTANCE.'],
    [
      ['--instance', 'acme'],
      '--instance names the instance to record. Fix: give --record FILE, too, or leave it out.'
    ],
    [
      ['--record', 'x', '--replay', 'y'],
      '--record and --replay cannot be given together. Fix: leave one out.'
    ],
    [
      ['--replay', 'x', '--tasks', '--seed=stock'],
      '--tasks, --seed: not with --record or --replay. Fix: leave it out.'
    ]
  ])('refuses %j, in one line with the fix', (argv, line) => {
    expect(() => readFlags(argv)).toThrow(line)
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

  it('fails for an unknown flag, in one line', async () => {
    expect(await failed('--bogus')).toBe("Unknown option '--bogus'. Fix: --help lists the flags.\n")
  })

  it('listens on a network with a password of its own, which it does not print', async () => {
    const env = { ...process.env, SANDBOX_PASSWORD: 'a password of our own' }
    const flags = ['--port', '0', '--host', '0.0.0.0', '--allow-network', '--stop-after', '0']
    const child = spawn(process.execPath, ['--no-warnings', CLI, ...flags], { env })
    const printed = await text(child.stdout)
    expect(printed).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+$/m)
    expect(printed).not.toMatch(
      /a password of our own|deployer-password|sandbox-client-secret|sandbox-api-key/
    )
  })

  it('fails for a port in use, and touches no data', async () => {
    const stateFile = join(folder, 'state.json')
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const line = await failed('--port', String(port), '--state-file', stateFile)
    server.close()
    expect(line).toBe(
      `Port ${port} is in use. Fix: choose another one with --port, or a free one with --port 0.\n`
    )
    expect(readdirSync(folder)).toEqual([])
  })

  it('records and replays', async () => {
    const instance = await startSandbox()
    const file = join(folder, 'recording.json')
    const flags = ['--record', file, '--instance', instance.url, '--port', '0']
    const headers = { authorization: basic('gha.deployer'), accept: 'application/json' }
    const changes = await whileRunning(flags, url => request(`${url}${CHANGE}`, { headers }))
    await instance.stop()
    const again = await whileRunning(['--replay', file, '--port', '0'], url => request(`${url}${CHANGE}`))
    expect([again.status, again.text]).toEqual([200, changes.text])
  })
})

/** Runs the command until `use` is done with its address. */
async function whileRunning<T>(flags: readonly string[], use: (url: string) => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, ['--no-warnings', CLI, ...flags])
  const closed = once(child, 'close')
  try {
    for await (const line of createInterface({ input: child.stdout }))
      if (line.startsWith('ready ')) return await use(line.slice('ready '.length))
    throw new Error('it did not start')
  } finally {
    child.kill('SIGTERM')
    await closed
  }
}

/** What a start that fails prints. */
async function failed(...flags: string[]): Promise<string> {
  const child = spawn(process.execPath, ['--no-warnings', CLI, ...flags])
  const printed = text(child.stderr)
  expect(await once(child, 'close')).toEqual([1, null])
  return printed
}
