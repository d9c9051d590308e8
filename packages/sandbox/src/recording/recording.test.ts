import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { basic, CHANGE, request, TABLE } from '../testing/caller.ts'
import { Known } from './known.ts'
import { learnJson } from './learn.ts'
import { instanceOrigin, type Serving, startRecorder } from './recorder.ts'
import { startReplayer } from './replayer.ts'

let folder: string
let sandbox: Sandbox
let file: string
const serving: Serving[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'recording-'))
  file = join(folder, 'recording.json')
  sandbox = await startSandbox({ approvalDelayMs: 0 })
})
afterEach(async () => {
  await Promise.all(serving.splice(0).map(one => one.stop()))
  await sandbox.stop()
  rmSync(folder, { recursive: true, force: true })
})

const onProblem = () => undefined

async function record(): Promise<string> {
  const recorder = await startRecorder({ file, instance: sandbox.url, port: 0, onProblem })
  serving.push(recorder)
  return recorder.url
}

async function replay(problems: string[] = []): Promise<string> {
  const replayer = await startReplayer({ file, port: 0, onProblem: text => problems.push(text) })
  serving.push(replayer)
  return replayer.url
}

const json = (user: string) => ({
  authorization: basic(user),
  'content-type': 'application/json',
  accept: 'application/json'
})

/** What somebody does who shows where the sandbox is wrong. */
async function work(url: string) {
  const created = await request(`${url}${CHANGE}/normal`, {
    method: 'POST',
    headers: json('gha.deployer'),
    body: JSON.stringify({
      short_description: 'Deploy for kim@acme.example',
      assignment_group: 'DevOps Team',
      work_notes: 'Anna said that Approver Ben may look at it'
    })
  })
  const id = String(created.at('result', 'sys_id', 'value'))
  await request(`${url}${CHANGE}/${id}`, {
    method: 'PATCH',
    headers: json('gha.deployer'),
    body: '{"state":"-4"}'
  })
  await sandbox.waitFor(() => sandbox.approvers(id).length > 0)
  const approvers = await request(
    `${url}${TABLE}/sysapproval_approver?sysparm_query=sysapproval=${id}^approver.user_name=anna.approver&sysparm_display_value=all`,
    { headers: json('gha.deployer') }
  )
  const people = await request(`${url}${TABLE}/sys_user?sysparm_query=user_name=dora.devops`, {
    headers: json('admin')
  })
  return { created, approvers, people }
}

describe('a recording', () => {
  it('gives the caller what the instance responds, with links that lead back', async () => {
    const url = await record()
    const { created, approvers, people } = await work(url)
    expect(created.status).toBe(200)
    expect(approvers.at('result', 0, 'approver', 'display_value')).toBe('Anna Approver')
    expect(approvers.text).not.toContain(sandbox.url)
    expect(people.at('result', 0, 'user_name')).toBe('dora.devops')
  })

  it('holds no secret, token, name and mail address', async () => {
    const url = await record()
    await work(url)
    const form = {
      grant_type: 'password',
      client_id: 'github-actions',
      client_secret: 'sandbox-client-secret'
    }
    const user = { username: 'ben.approver', password: 'ben-password' }
    const token = await request(`${url}/oauth_token.do`, {
      method: 'POST',
      body: new URLSearchParams({ ...form, ...user })
    })
    const access = String(token.at('access_token'))
    await request(`${url}${CHANGE}?sysparm_query=opened_by.name=Ben Approver`, {
      headers: { authorization: `Bearer ${access}`, accept: 'application/json' }
    })
    const text = readFileSync(file, 'utf8')
    for (const secret of [
      'deployer-password',
      'admin-password',
      'ben-password',
      'sandbox-client-secret',
      access
    ])
      expect(text).not.toContain(secret)
    expect(text).not.toContain(basic('gha.deployer').slice('Basic '.length))
    expect(text).not.toMatch(/anna|approver ben|ben[.+ ]approver|dora|gha\.deployer|kim@acme/i)
    expect(text).not.toContain(new URL(sandbox.url).host)
    expect(text).not.toMatch(/set-cookie|JSESSIONID/i)
    // What is needed to compare stays.
    expect(text).toMatch(/DevOps Team/)
    expect(text).toMatch(/CHG0030001/)
  })

  it('removes a name that is learned later from what was recorded before', async () => {
    const url = await record()
    await request(`${url}${TABLE}/change_request?sysparm_query=short_descriptionLIKEDora Devops`, {
      headers: json('gha.deployer')
    })
    expect(readFileSync(file, 'utf8')).toContain('Dora')
    await request(`${url}${TABLE}/sys_user?sysparm_query=user_name=dora.devops`, { headers: json('admin') })
    expect(readFileSync(file, 'utf8')).not.toMatch(/dora/i)
  })

  it('looks into batches, and keeps no content of files', async () => {
    const url = await record()
    const id = sandbox.insert('change_request', { short_description: 'Deploy' })
    const query = `table_name=change_request&table_sys_id=${id}&file_name=report.json`
    await request(`${url}/api/now/attachment/file?${query}`, {
      method: 'POST',
      headers: json('gha.deployer'),
      body: '{"written by":"somebody"}'
    })
    const inner = { assigned_to: 'Mia Mustermann', user_password: 'hers' }
    await request(`${url}/api/now/v1/batch`, {
      method: 'POST',
      headers: json('gha.deployer'),
      body: JSON.stringify({
        batch_request_id: '1',
        rest_requests: [
          {
            id: '1',
            url: '/api/now/table/task?sysparm_query=assigned_to=Mia+Mustermann',
            method: 'POST',
            headers: [{ name: 'Authorization', value: 'Basic of-somebody' }],
            body: Buffer.from(JSON.stringify(inner)).toString('base64')
          }
        ]
      })
    })
    const text = readFileSync(file, 'utf8')
    expect(text).not.toContain('written by')
    expect(text).not.toContain('of-somebody')
    const decoded = text.replace(/"([A-Za-z0-9+/]{20,}={0,2})"/g, (_, base64) =>
      Buffer.from(base64, 'base64').toString('utf8')
    )
    expect(decoded).toContain('"assigned_to":"')
    expect(decoded).not.toMatch(/mia|mustermann|hers"/i)
  })

  it('overwrites nothing', async () => {
    writeFileSync(file, 'mine')
    await expect(record()).rejects.toThrow(`${file} exists, and is not overwritten. Fix:`)
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  it('tells of an instance that cannot be reached, and records nothing', async () => {
    const problems: string[] = []
    const options = { file, instance: 'http://127.0.0.1:9', port: 0 }
    const recorder = await startRecorder({ ...options, onProblem: text => problems.push(text) })
    serving.push(recorder)
    expect((await request(`${recorder.url}${CHANGE}`)).status).toBe(502)
    expect(problems).toEqual([expect.stringMatching(/^GET \/api.* was not recorded: /)])
    expect(JSON.parse(readFileSync(file, 'utf8')).exchanges).toEqual([])
  })
})

describe('a replay', () => {
  it('gives the responses again, in their order, without an instance', async () => {
    const recorded = await work(await record())
    await sandbox.stop()
    const url = await replay()
    const id = String(recorded.created.at('result', 'sys_id', 'value'))
    const created = await request(`${url}${CHANGE}/normal`, { method: 'POST', body: '{}' })
    expect([created.status, created.at('result', 'number', 'value')]).toEqual([200, 'CHG0030001'])
    const query = `sysparm_query=sysapproval=${id}^approver.user_name=whoever&sysparm_display_value=all`
    const approvers = await request(`${url}${TABLE}/sysapproval_approver?${query}`)
    expect(approvers.at('result', 0, 'approver', 'display_value')).toMatch(/^Person \d+$/)
    expect(approvers.at('result', 0, 'approver', 'link')).toContain(url)
  })

  it('says what was not recorded', async () => {
    await record()
    const problems: string[] = []
    const url = await replay(problems)
    const { status, text } = await request(`${url}/api/now/table/incident`)
    expect([status, text]).toEqual([501, expect.stringContaining('Not in the recording')])
    expect(problems).toEqual(['GET /api/now/table/incident is not in the recording'])
  })

  it.each(['', 'not json', '{"recording":99,"exchanges":[]}', '{"recording":1,"exchanges":[{}]}', 'null'])(
    'refuses the file %j',
    async content => {
      writeFileSync(file, content)
      await expect(replay()).rejects.toThrow('Fix:')
    }
  )
})

describe('an instance', () => {
  it.each([
    ['acme', 'https://acme.service-now.com'],
    ['acme.service-now.com', 'https://acme.service-now.com'],
    ['https://change.acme.example/', 'https://change.acme.example'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080']
  ])('%s is %s', (given, origin) => expect(instanceOrigin(given)).toBe(origin))

  it.each(['http://acme.example', 'https://a.example/path', 'https://user@a.example', '', 'ftp://a'])(
    '%j is refused',
    given => expect(() => instanceOrigin(given)).toThrow('Fix:')
  )
})

it('a journal names its authors: they are replaced in it, and in other texts', () => {
  const known = new Known()
  const text = '2026-12-01 10:00:00 - Mia Mustermann (Work notes)\nLooks good.'
  learnJson(known, { result: [{ work_notes: text }] }, '/api/now/table/change_request')
  expect(known.replaced(text)).toBe('2026-12-01 10:00:00 - Person 1 (Work notes)\nLooks good.')
  expect(known.replaced('asked by mia mustermann, <mia@acme.example>')).toBe(
    'asked by Person 1, <person.1@example.com>'
  )
  expect(known.replaced('Mustermanns')).toBe('Mustermanns')
})
