import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { readFlags } from './cli-flags.ts'
import { type Sandbox, startSandbox } from './index.ts'
import { ATTACHMENT, approvedChange, as, basic, CHANGE, newChange, request } from './testing/caller.ts'

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

async function start(options: Parameters<typeof startSandbox>[0] = {}): Promise<Sandbox> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
  return sandbox
}

describe('the instance', () => {
  it('listens on loopback only', async () => {
    await expect(startSandbox({ host: '0.0.0.0' })).rejects.toThrow('loopback only')
    await expect(startSandbox({ port: 70_000 })).rejects.toThrow('port must be')
    const { url } = await start()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it('does not answer to a foreign name that points at it', async () => {
    const { url } = await start()
    const call = httpRequest(`${url}/`, { headers: { host: 'attacker.example' } }).end()
    const [response] = await once(call, 'response')
    response.resume()
    expect(response.statusCode).toBe(403)
  })

  it('fails to start on a port that is taken', async () => {
    const { url } = await start()
    await expect(startSandbox({ port: Number(new URL(url).port) })).rejects.toThrow('EADDRINUSE')
  })

  it('records what was asked of it', async () => {
    const running = await start()
    await as(running).post(`${CHANGE}/normal?a=b`, { short_description: 'x' }, { 'user-agent': 'tests/1' })
    expect(running.requests).toEqual([
      {
        at: expect.any(Number),
        method: 'POST',
        path: '/api/sn_chg_rest/v1/change/normal',
        query: 'a=b',
        status: 200,
        user: 'gha.deployer',
        userAgent: 'tests/1',
        bodyBytes: 25,
        ms: expect.any(Number)
      }
    ])
  })
})

describe('the handle', () => {
  it('sets up situations past all rules', async () => {
    const running = await start()
    const id = running.insert('change_request', {
      short_description: 'planted',
      state: '-1',
      work_notes: 'note'
    })
    expect(running.change('CHG0030001')).toMatchObject({ sys_id: id, state: '-1', approval: 'not requested' })
    running.set('change_request', 'CHG0030001', { state: '3', comments: 'hello' })
    expect(running.change(id)?.state).toBe('3')
    expect(running.journal(id)).toMatchObject([{ text: 'note', by: 'admin' }])
    expect(running.journal(id, 'comments')).toMatchObject([{ text: 'hello' }])
    expect(() => running.rows('nonsense')).toThrow('no table "nonsense"')
    expect(() => running.set('sys_user', 'nobody', {})).toThrow('There is no sys_user')
  })

  it("knows a state of the instance's own", async () => {
    const running = await start()
    running.insert('sys_choice', { name: 'change_request', element: 'state', value: '7', label: 'Frozen' })
    const id = await newChange(running)
    running.set('change_request', id, { state: '7' })
    const read = await as(running).get(`${CHANGE}/${id}`)
    expect(read.at('result', 'state')).toEqual({ display_value: 'Frozen', value: 7 })
  })

  it('says why nobody can approve', async () => {
    const running = await start()
    const id = await newChange(running)
    expect(() => running.approve(id)).toThrow(
      'anna.approver has no approval requested on CHG0030001 (state -5'
    )
    expect(() => running.approve(id, 'nobody')).toThrow('no active account nobody')
    expect(() => running.approve('CHG1')).toThrow('no change CHG1')
    await as(running).patch(`${CHANGE}/${id}`, { state: '-4' })
    await running.waitFor(() => running.approvers(id).length > 0)
    expect(() => running.reject(id, '')).toThrow('mandatory: Comments')
  })

  it('waits for conditions, and not for ever', async () => {
    const running = await start()
    const waiting = running.waitFor(one => one.change('CHG0030001'))
    const id = await newChange(running)
    expect((await waiting).sys_id).toBe(id)
    await expect(running.waitFor(() => false, 1)).rejects.toThrow('within 1 ms')
    const failing = running.waitFor(one => {
      if (one.requests.length > 1) throw new Error('probe failed')
    })
    await Promise.all([expect(failing).rejects.toThrow('probe failed'), newChange(running)])
  })
})

describe('the state file', () => {
  it('keeps records, attachments, numbers and what is still to come', async () => {
    const stateFile = join(folder, 'deep', 'state.json')
    const first = await start({ stateFile, approvalDelayMs: 60_000 })
    const id = await newChange(first, { work_notes: 'kept' })
    const query = `table_name=change_request&table_sys_id=${id}&file_name=a.bin`
    const bytes = Buffer.from([0, 255, 1])
    await as(first).send('POST', `${ATTACHMENT}/file?${query}`, {
      body: bytes,
      headers: { 'content-type': 'application/octet-stream' }
    })
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

  it('has beside it the files of attachments that exist, and no others', async () => {
    const stateFile = join(folder, 'state.json')
    const attachments = `${stateFile}.attachments`
    const orphan = '0'.repeat(32)
    mkdirSync(attachments)
    for (const name of [orphan, `${orphan}.part`, 'notes.txt']) writeFileSync(join(attachments, name), 'x')
    const running = await start({ stateFile })
    const id = await newChange(running)
    const query = `table_name=change_request&table_sys_id=${id}&file_name=a.bin`
    const upload = (user: string) =>
      as(running, user).send('POST', `${ATTACHMENT}/file?${query}`, {
        body: 'content',
        headers: { 'content-type': 'text/plain' }
      })
    const kept = String((await upload('gha.deployer')).at('result', 'sys_id'))
    const deleted = String((await upload('gha.deployer')).at('result', 'sys_id'))
    await as(running).send('DELETE', `${ATTACHMENT}/${deleted}`)
    expect((await upload('gha.reader')).status).toBe(403)
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

  it('that is something else is not overwritten', async () => {
    const stateFile = join(folder, 'state.json')
    for (const content of ['not json', '{"version":99}', 'null']) {
      writeFileSync(stateFile, content)
      await expect(startSandbox({ stateFile })).rejects.toThrow('delete it to start anew')
      expect(readFileSync(stateFile, 'utf8')).toBe(content)
    }
  })
})

describe('the pages', () => {
  it('show a change with everything around it, and no markup but their own', async () => {
    const running = await start()
    const id = await approvedChange(running, {
      short_description: '<img src=x onerror=alert(1)>',
      work_notes: '<b>'
    })
    const query = new URLSearchParams({
      table_name: 'change_request',
      table_sys_id: id,
      file_name: '"><i>.html'
    })
    await as(running).send('POST', `${ATTACHMENT}/file?${query}`, {
      body: '<script>',
      headers: { 'content-type': 'text/html' }
    })
    const file = running.attachments(id)[0]?.sysId
    for (const path of [
      `/change_request.do?sys_id=${id}`,
      `/nav_to.do?uri=change_request.do?sys_id=${id}`,
      `/nav_to.do?uri=%2Fchange_request.do%3Fsys_id%3D${id}`
    ]) {
      const { status, text } = await request(`${running.url}${path}`)
      expect(status).toBe(200)
      expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;')
      expect(text).toContain('Anna Approver')
      expect(text).toContain(`/sys_attachment.do?sys_id=${file}`)
      expect(text).not.toMatch(/<img|<b>|<i>|<script/)
    }
    const list = await request(`${running.url}/`)
    expect(list.text).toContain(`<a href="/change_request.do?sys_id=${id}">CHG0030001</a>`)
    expect(list.headers.get('content-security-policy')).toContain("default-src 'none'")
    const download = await request(`${running.url}/sys_attachment.do?sys_id=${file}`)
    expect(download.text).toBe('<script>')
    const headed = await request(`${running.url}/sys_attachment.do?sys_id=${file}`, { method: 'HEAD' })
    expect([headed.headers.get('content-length'), headed.text]).toEqual(['8', ''])
    expect(download.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''%22%3E%3Ci%3E.html"
    )
    expect(download.headers.get('content-type')).toBe('application/octet-stream')
  })

  it('know what is not there', async () => {
    const { url } = await start()
    for (const path of ['/change_request.do?sys_id=x', '/sys_attachment.do', '/nonsense.do']) {
      expect((await request(`${url}${path}`)).status).toBe(404)
    }
    expect((await request(`${url}/login.do`)).text).toContain('Log in')
  })
})

describe('the command line', () => {
  it('is read into options', () => {
    const flags = ['--port', '0', '--approve-after', '1.5', '--latency', '20', '--tasks', '--state-file', 'x']
    expect(readFlags([...flags, '--stop-after', '2'])).toEqual({
      help: false,
      options: { port: 0, autoApproveAfterMs: 1500, latencyMs: 20, tasksOnImplement: true, stateFile: 'x' },
      stopAfterMs: 2000
    })
    expect(readFlags([]).options).toEqual({ port: 8080, tasksOnImplement: false })
  })

  it.each([[['--nope']], [['--port', 'x']], [['--latency', '-1']], [['--approve-after', '']], [['extra']]])(
    'refuses %j',
    argv => {
      expect(() => readFlags(argv)).toThrow()
    }
  )

  const cli = fileURLToPath(new URL('cli.ts', import.meta.url))

  it('starts a sandbox, says when it is ready, and stops on a signal without leaving files', async () => {
    const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder }
    const child = spawn(process.execPath, ['--no-warnings', cli, '--port', '0'], { env })
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
    const child = spawn(process.execPath, ['--no-warnings', cli, '--bogus'])
    const said: Buffer[] = []
    child.stderr.on('data', chunk => said.push(chunk))
    expect(await once(child, 'close')).toEqual([1, null])
    expect(Buffer.concat(said).toString()).toContain('--bogus')
  })
})
