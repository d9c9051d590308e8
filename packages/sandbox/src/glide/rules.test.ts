/** Business rules of an application: when they run, and what they may do. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createManualClock } from '../clock.ts'
import { createSandbox, type InProcessSandbox } from '../sandbox.ts'
import { application, rule } from '../testing/application.ts'
import { basic, CHANGE } from '../testing/caller.ts'
import type { ScriptedRule } from './application.ts'

const opened: InProcessSandbox[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map(sandbox => sandbox.stop()))
})

function withRules(rules: readonly ScriptedRule[], options: Parameters<typeof createSandbox>[0] = {}) {
  const sandbox = createSandbox({ scripts: application({ rules }), approvalDelayMs: 0, ...options })
  opened.push(sandbox)
  return sandbox
}

async function send(
  sandbox: InProcessSandbox,
  method: string,
  path: string,
  body: unknown,
  user = 'gha.deployer'
) {
  const reply = await sandbox.send({
    method,
    url: `http://127.0.0.1${path}`,
    headers: { authorization: basic(user), 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body)
  })
  if (!('response' in reply)) throw new Error(`no response: ${reply.kind}`)
  const { status, body: bytes } = reply.response
  return { status, json: JSON.parse(String(bytes)) }
}

async function create(sandbox: InProcessSandbox, fields: Record<string, string> = {}) {
  const { status, json } = await send(sandbox, 'POST', `${CHANGE}/normal`, {
    short_description: 'Deploy',
    assignment_group: 'DevOps Team',
    ...fields
  })
  return { status, json, id: String(json.result?.sys_id?.value ?? '') }
}

const logOf = (sandbox: InProcessSandbox) =>
  sandbox.rows('syslog').flatMap(row => (row.source === 'x_acme' ? [row.message] : []))

describe('a rule that runs before the record is stored', () => {
  it('sets fields and notes', async () => {
    const sandbox = withRules([
      rule(`(function (current, previous) {
        if (previous === null && current.operation() === 'insert') {
          current.category = 'Software';
          current.work_notes = 'Checked by ' + gs.getUserName();
        }
      })(current, previous);`)
    ])
    const { id } = await create(sandbox)
    expect(sandbox.change(id)?.category).toBe('Software')
    expect(sandbox.journal(id).map(note => note.text)).toEqual(['Checked by gha.deployer'])
  })

  it('refuses the write, with its message', async () => {
    const sandbox = withRules([
      rule("gs.addErrorMessage('No deployments today'); current.setAbortAction(true);", { name: 'Freeze' })
    ])
    const { status, json } = await create(sandbox)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(JSON.stringify(json)).toMatch(/Freeze.*No deployments today/)
    expect(sandbox.rows('change_request').some(row => row.short_description === 'Deploy')).toBe(false)
  })

  it('runs in its order, for its filter and its condition alone', async () => {
    const add = (text: string) => `current.justification = current.justification + '${text}';`
    const sandbox = withRules([
      rule(add('1'), { name: 'one' }),
      rule(add('2'), { name: 'two', filter: 'short_descriptionVALCHANGES^short_descriptionLIKEnew' }),
      rule(add('3'), { name: 'three', condition: "current.short_description.changesFrom('Deploy')" }),
      rule(add('4'), { name: 'four', on: ['insert'] }),
      rule(add('5'), { name: 'five', filter: 'short_descriptionCHANGESTOold^ORcategory=none' })
    ])
    const { id } = await create(sandbox)
    expect(sandbox.change(id)?.justification).toBe('14')
    await send(sandbox, 'PATCH', `${CHANGE}/${id}`, { short_description: 'new' })
    expect(sandbox.change(id)?.justification).toBe('14123')
  })

  it('is stopped after its time, and the write goes on', async () => {
    const sandbox = withRules([rule('while (true) {}', { name: 'Endless' })], { scriptTimeoutMs: 50 })
    const { id } = await create(sandbox)
    expect(sandbox.change(id)?.short_description).toBe('Deploy')
    expect(logOf(sandbox)).toEqual([expect.stringMatching(/Endless.*more than 50 ms/)])
  })

  it.each([
    ['process', 'process'],
    ['require', 'require'],
    ['the constructor of an element', "current.number.constructor.constructor('return process')()"],
    ['the constructor of a function of gs', "gs.info.constructor('return process')()"],
    ['a promise', 'new Promise(function () {})'],
    ['String.includes', "'ab'.includes('a')"]
  ])('does not reach %s', async (_, expression) => {
    const sandbox = withRules([rule(`current.justification = String(${expression});`)])
    const { id } = await create(sandbox)
    expect(sandbox.change(id)?.justification).toBe('')
    expect(logOf(sandbox)).toEqual([expect.stringMatching(/is not defined|is not a function/)])
  })

  it('does not call out', async () => {
    const sandbox = withRules([
      rule(`try { var m = new sn_ws.RESTMessageV2(); m.setEndpoint('http://127.0.0.1:9/'); m.execute(); }
        catch (e) { current.justification = e.getMessage(); }`)
    ])
    const { id } = await create(sandbox)
    expect(sandbox.change(id)?.justification).toContain('Use an async rule')
  })
})

describe('a rule that runs after the record is stored', () => {
  it('sees what the instance itself writes, and writes other records', async () => {
    const sandbox = withRules([
      rule(
        `var task = new GlideRecord('change_task');
         task.change_request = current.sys_id;
         task.parent = current.sys_id;
         task.short_description = 'From ' + previous.approval + ' to ' + current.approval;
         task.insert();`,
        { when: 'after', on: ['update'], condition: 'current.approval.changes()' }
      )
    ])
    const { id } = await create(sandbox)
    await send(sandbox, 'PATCH', `${CHANGE}/${id}`, { state: '-4' })
    await sandbox.waitFor(() => sandbox.approvers(id).length > 0)
    sandbox.approve(id)
    const texts = sandbox.rows('change_task').map(row => row.short_description)
    expect(texts).toEqual(['From not requested to requested', 'From requested to approved'])
  })

  it('does not run for a write of its own, of setWorkflow(false), or of a test', async () => {
    const sandbox = withRules([
      rule("gs.info('ran'); current.justification = 'mine'; current.update();", {
        when: 'after',
        on: ['update']
      }),
      rule(
        `var again = new GlideRecord('change_request');
         again.get(current.sys_id); again.setWorkflow(false); again.test_plan = 'x'; again.update();`,
        { when: 'after', on: ['insert'] }
      )
    ])
    const { id } = await create(sandbox)
    expect(sandbox.change(id)?.test_plan).toBe('x')
    sandbox.set('change_request', id, { category: 'Other' })
    expect(logOf(sandbox)).toEqual([])
    await send(sandbox, 'PATCH', `${CHANGE}/${id}`, { short_description: 'new' })
    expect(logOf(sandbox)).toEqual(['ran'])
    expect(sandbox.change(id)?.justification).toBe('mine')
  })
})

describe('rules that cause each other', () => {
  it('end after some, and the log says so', async () => {
    const script = `var next = new GlideRecord('change_request');
      next.short_description = current.short_description + '+'; next.insert();`
    const sandbox = withRules([rule(script, { name: 'Again', when: 'after', on: ['insert'] })])
    await create(sandbox)
    expect(logOf(sandbox)).toEqual([expect.stringMatching(/Again: not run, 16 rules/)])
    const made = sandbox.rows('change_request').filter(row => row.short_description?.startsWith('Deploy+'))
    expect(made).toHaveLength(16)
  })
})

describe('an async rule', () => {
  it('calls out after the record is stored, on the clock of the instance', async () => {
    const received: string[] = []
    const server = createServer((request, response) => {
      request.on('data', chunk => received.push(`${request.method} ${request.headers['x-token']} ${chunk}`))
      request.on('end', () => response.writeHead(202, { 'x-id': '7' }).end('{"ok":true}'))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/poke`
    const clock = createManualClock(Date.UTC(2026, 10, 21, 12))
    const script = `(function (current, previous) {
      var message = new sn_ws.RESTMessageV2();
      message.setEndpoint(gs.getProperty('x_acme.url'));
      message.setHttpMethod('post');
      message.setRequestHeader('X-Token', 'secret');
      message.setRequestBody(JSON.stringify({ change: current.getValue('number'), changed: current.approval.changes() }));
      var response = message.execute();
      current.work_notes = response.getStatusCode() + ' ' + response.getHeader('X-Id') + ' ' + response.getBody() + ' ' + response.haveError();
      current.update();
    })(current, previous);`
    const rules = [
      rule(script, {
        when: 'async',
        on: ['insert'],
        condition: 'current.short_description.changesTo("Deploy")'
      })
    ]
    const sandbox = createSandbox({
      ...clock,
      scripts: application({ rules, properties: [{ name: 'x_acme.url', value: url, type: 'string' }] })
    })
    opened.push(sandbox)
    const { id } = await create(sandbox)
    expect(received).toEqual([])
    clock.advance(0)
    await sandbox.waitFor(() => sandbox.journal(id).length > 0)
    const number = sandbox.change(id)?.number
    expect(received).toEqual([`POST secret {"change":"${number}","changed":false}`])
    expect(sandbox.journal(id)[0]).toMatchObject({ text: '202 7 {"ok":true} false', by: 'gha.deployer' })
    await new Promise(resolve => server.close(resolve))
  })

  it('is stopped after its time', async () => {
    const sandbox = withRules([rule('while (true) {}', { name: 'Endless', when: 'async' })], {
      scriptTimeoutMs: 100
    })
    await create(sandbox)
    await sandbox.waitFor(() => logOf(sandbox).some(text => /Endless.*more than 100 ms/.test(text ?? '')))
  })

  it('calls no other machine unless it is allowed', async () => {
    const sandbox = withRules([
      rule("var m = new sn_ws.RESTMessageV2(); m.setEndpoint('https://api.example.com/'); m.execute();", {
        when: 'async',
        on: ['insert']
      })
    ])
    await create(sandbox)
    await sandbox.waitFor(() => logOf(sandbox).some(text => /loopback.*scriptHosts/.test(text ?? '')))
  })
})
