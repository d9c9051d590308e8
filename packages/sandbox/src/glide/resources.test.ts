/** Scripted REST resources, script includes and the small classes that their scripts use. */
import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from '@jest/globals'
import { special, table } from '../dictionary/field.ts'
import { createSandbox, type InProcessSandbox } from '../sandbox.ts'
import { application, resource } from '../testing/application.ts'
import { basic } from '../testing/caller.ts'
import type { Application } from './application.ts'

const opened: InProcessSandbox[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map(sandbox => sandbox.stop()))
})

function sandboxWith(parts: Partial<Application>): InProcessSandbox {
  const sandbox = createSandbox({ scripts: application(parts) })
  opened.push(sandbox)
  return sandbox
}

interface Call {
  readonly method?: string
  readonly path?: string
  readonly user?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

async function call(
  sandbox: InProcessSandbox,
  { method = 'POST', path = '/api/x_acme/run', ...sent }: Call = {}
) {
  const { user = 'gha.deployer', body = '{"a":1}' } = sent
  const reply = await sandbox.send({
    method,
    url: `http://acme.test${path}`,
    headers: {
      ...(user !== '' && { authorization: basic(user) }),
      'content-type': 'application/json',
      ...sent.headers
    },
    ...(method !== 'GET' && { body })
  })
  if (!('response' in reply)) throw new Error(`no response: ${reply.kind}`)
  const { status, headers, body: bytes } = reply.response
  return { status, headers, text: String(bytes) }
}

/** The JSON result of a script that runs as a resource. */
async function resultOf(script: string, parts: Partial<Application> = {}, sent: Call = {}) {
  const sandbox = sandboxWith({ resources: [resource(script)], ...parts })
  const { text } = await call(sandbox, sent)
  return { sandbox, value: JSON.parse(text).result, text }
}

describe('a Scripted REST resource', () => {
  it('sees the request', async () => {
    const script = `(function process(request, response) {
      return {
        raw: request.body.dataString, data: request.body.data.a, id: request.pathParams.id,
        query: request.queryParams.tag, text: request.queryString, header: request.getHeader('X-Mine'),
        named: request.headers['X-Mine'], uri: request.uri, user: gs.getUserName()
      };
    })(request, response);`
    const sandbox = sandboxWith({ resources: [resource(script, { path: '/api/x_acme/v1/items/{id}' })] })
    const { status, text } = await call(sandbox, {
      path: '/api/x_acme/v1/items/a%20b?tag=1&tag=2',
      headers: { 'X-Mine': 'yes' },
      body: '{ "a": 1 }'
    })
    expect(status).toBe(200)
    expect(JSON.parse(text).result).toEqual({
      raw: '{ "a": 1 }',
      data: 1,
      id: 'a b',
      query: ['1', '2'],
      text: 'tag=1&tag=2',
      header: 'yes',
      named: 'yes',
      uri: '/api/x_acme/v1/items/a%20b',
      user: 'gha.deployer'
    })
  })

  it('sets status, headers and body', async () => {
    const script = `response.setStatus(202); response.setHeader('X-Id', 7); response.setBody({ accepted: true });`
    const sandbox = sandboxWith({ resources: [resource(script)] })
    const { status, headers, text } = await call(sandbox)
    expect([status, headers['X-Id'], text]).toEqual([202, '7', '{"result":{"accepted":true}}'])
  })

  it('writes a body of its own', async () => {
    const script = `response.setStatus(201); response.setContentType('text/plain');
      response.getStreamWriter().writeString('made');`
    const { status, headers, text } = await call(sandboxWith({ resources: [resource(script)] }))
    expect([status, headers['Content-Type'], text]).toEqual([201, 'text/plain', 'made'])
  })

  it.each([
    ["response.setError(new sn_ws_err.ConflictError('seen'));", 409, 'Conflict', 'seen'],
    [
      "var e = new sn_ws_err.ServiceError(); e.setStatus(418); e.setMessage('m'); e.setDetail('d'); response.setError(e);",
      418,
      'm',
      'd'
    ],
    ["throw new Error('broken');", 500, 'broken', 'Script evaluation failed'],
    ['request.body.data;', 500, expect.stringContaining('JSON'), 'Script evaluation failed'],
    ["response.setStatus('202');", 500, 'The script set the status 0', expect.any(String)]
  ])('%s is an error', async (script, expected, message, detail) => {
    const sandbox = sandboxWith({ resources: [resource(script)] })
    const { status, text } = await call(sandbox, { body: '{' })
    expect(status).toBe(expected)
    expect(JSON.parse(text)).toEqual({ error: { message, detail }, status: 'failure' })
  })

  it('is refused without an account, without a role, and for another method', async () => {
    const own = [
      resource('gs.getUserName()', { roles: ['change_manager'] }),
      resource('gs.getUserName()', { path: '/api/x_acme/open', authentication: false })
    ]
    const sandbox = sandboxWith({ resources: own })
    const statusOf = async (sent: Call) => (await call(sandbox, sent)).status
    expect(await statusOf({ user: '' })).toBe(401)
    expect(await statusOf({})).toBe(403)
    expect(await statusOf({ user: 'admin' })).toBe(200)
    expect(await statusOf({ method: 'GET', user: 'admin' })).toBe(405)
    expect(await statusOf({ path: '/api/x_acme/none' })).toBe(400)
    const { text } = await call(sandbox, { path: '/api/x_acme/open', user: '' })
    expect(JSON.parse(text).result).toBe('guest')
  })

  it('serves other requests while a script runs', async () => {
    const script = `var m = new sn_ws.RESTMessageV2(); m.setEndpoint(gs.getProperty('x_acme.url'));
      m.execute().getBody();`
    const { startSandbox } = await import('../sandbox.ts')
    const sandbox = await startSandbox({
      scripts: application({
        resources: [
          resource(script),
          resource("'from itself'", { path: '/api/x_acme/other', method: 'GET', authentication: false })
        ],
        properties: [{ name: 'x_acme.url', value: '', type: 'string' }]
      })
    })
    const property = sandbox.rows('sys_properties')[0]?.sys_id ?? ''
    sandbox.set('sys_properties', property, { value: `${sandbox.url}/api/x_acme/other` })
    const response = await fetch(`${sandbox.url}/api/x_acme/run`, {
      method: 'POST',
      headers: { authorization: basic('gha.deployer') }
    })
    expect(await response.json()).toEqual({ result: '{"result":"from itself"}' })
    await sandbox.stop()
  })
})

describe('what scripts use', () => {
  it('checks a signature as the documentation of GitHub gives it', async () => {
    const script = `(function () {
      var mac = new CertificateEncryption().generateMac(gs.base64Encode(gs.getProperty('x_acme.secret')), 'HmacSHA256', request.body.dataString);
      return mac;
    })();`
    const secret = "It's a Secret to Everybody"
    const { value } = await resultOf(
      script,
      { properties: [{ name: 'x_acme.secret', value: secret, type: 'password2' }] },
      { body: 'Hello, World!' }
    )
    expect(Buffer.from(value, 'base64').toString('hex')).toBe(
      '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    )
    expect(value).toBe(createHmac('sha256', secret).update('Hello, World!').digest('base64'))
  })

  it('keeps properties from all but administrators', async () => {
    const { sandbox } = await resultOf('1', {
      properties: [{ name: 'x_acme.secret', value: 's', type: 'string' }]
    })
    const path = '/api/now/table/sys_properties'
    expect((await call(sandbox, { method: 'GET', path })).text).not.toContain('x_acme')
    expect((await call(sandbox, { method: 'GET', path, user: 'admin' })).text).toContain('x_acme.secret')
  })

  it('finds a script include by its name and by its scope', async () => {
    const include = {
      name: 'Texts',
      script: `var Texts = Class.create();
        Texts.prototype = {
          initialize: function (mark) { this.mark = mark; },
          wrap: function (text) { return this.mark + text + this.mark; },
          type: 'Texts'
        };`
    }
    const { value } = await resultOf(
      "[new Texts('*').wrap('a'), new x_acme.Texts('-').wrap('b'), new Texts('').type]",
      { includes: [include] }
    )
    expect(value).toEqual(['*a*', '-b-', 'Texts'])
  })

  it('queries, reads display values and follows references', async () => {
    const script = `(function () {
      var user = new GlideRecord('sys_user');
      user.addQuery('user_name', 'IN', ['anna.approver', 'gha.deployer']);
      user.addNotNullQuery('name').addOrCondition('email', '!=', '');
      user.orderByDesc('user_name');
      user.setLimit(5);
      user.query();
      var names = [];
      while (user.next()) names.push(user.user_name + '');
      var group = new GlideRecord('sys_user_group');
      group.get('name', 'DevOps Team');
      var change = new GlideRecord('change_request');
      change.initialize();
      change.short_description = 'By ^ a script';
      change.assignment_group.setDisplayValue('DevOps Team');
      var id = change.insert();
      var again = new GlideRecord('change_request');
      again.addQuery('short_description', 'By ^ a script');
      again.query();
      var found = again.next();
      var missing = new GlideRecord('change_request');
      return {
        names: names, count: user.getRowCount(), same: change.assignment_group == group.getUniqueValue(),
        found: found && again.getUniqueValue() === id, display: again.getDisplayValue('assignment_group'),
        walked: again.assignment_group.name + '', deep: again.getValue('assignment_group.name'),
        state: again.state.getDisplayValue(), empty: again.getValue('backout_plan'), nil: again.backout_plan.nil(),
        missing: missing.get('nothing'), unknown: new GlideRecord('u_nothing').isValid()
      };
    })();`
    const { value } = await resultOf(script)
    expect(value).toEqual({
      names: ['gha.deployer', 'anna.approver'],
      count: 2,
      same: true,
      found: true,
      display: 'DevOps Team',
      walked: 'DevOps Team',
      deep: 'DevOps Team',
      state: 'New',
      empty: null,
      nil: true,
      missing: false,
      unknown: false
    })
  })

  it('obeys the access rules in GlideRecordSecure alone', async () => {
    const script = `(function () {
      function count(record) { record.query(); return record.getRowCount(); }
      var secure = new GlideRecordSecure('sys_user');
      secure.get('user_name', 'admin');
      var plain = new GlideRecord('sys_user');
      plain.get('user_name', 'admin');
      plain.last_name = 'Changed';
      return {
        all: count(new GlideRecord('sys_journal_field')) >= 0, none: count(new GlideRecordSecure('sys_properties')),
        some: count(new GlideRecord('sys_properties')), secure: secure.isValidRecord() && secure.canWrite(), plain: plain.update() !== null
      };
    })();`
    const { value } = await resultOf(script, { properties: [{ name: 'p', value: '1', type: 'string' }] })
    expect(value).toEqual({ all: true, none: 0, some: 1, secure: false, plain: true })
  })

  it('attaches a text to a record and reads it again', async () => {
    const script = `(function () {
      var group = new GlideRecord('sys_user_group');
      group.get('name', 'DevOps Team');
      var files = new GlideSysAttachment();
      var id = files.write(group, 'report.txt', 'text/plain', 'passed \u00e9');
      var file = new GlideRecord('sys_attachment');
      file.get(id);
      return [file.getValue('file_name'), files.getContent(file), files.write(new GlideRecord('sys_user'), 'a', 'b', 'c')];
    })();`
    const { value, sandbox } = await resultOf(script)
    expect(value).toEqual(['report.txt', 'passed \u00e9', null])
    expect(sandbox.rows('sys_attachment')[0]).toMatchObject({ content_type: 'text/plain', size_bytes: '9' })
  })

  it('refuses a second row with a value that may occur once', async () => {
    const own = {
      table: table('x_acme_delivery', 'Delivery', 'delivery', [
        special('delivery', 'string', { maxLength: 64 })
      ]),
      unique: ['delivery']
    }
    const script = `(function () {
      function add(id) { var r = new GlideRecord('x_acme_delivery'); r.delivery = id; return r.insert() !== null; }
      return [add('a'), add('a'), add('b')];
    })();`
    const { value, sandbox } = await resultOf(script, { tables: [own] })
    expect(value).toEqual([true, false, true])
    expect(sandbox.rows('x_acme_delivery').map(row => row.delivery)).toEqual(['a', 'b'])
  })

  it('reckons with times', async () => {
    const script = `(function () {
      var a = new GlideDateTime('2026-03-28 23:30:00');
      var b = new GlideDateTime(a);
      b.addSeconds(3600);
      b.addDaysUTC(1);
      return [a.getValue(), b + '', a.before(b), b.compareTo(a), b.getNumericValue() - a.getNumericValue(),
        new GlideDateTime('x').isValid(), new GlideDateTime().after(a), b.getDayOfWeekUTC(), b.getDate() + ''];
    })();`
    const { value } = await resultOf(script)
    expect(value).toEqual([
      '2026-03-28 23:30:00',
      '2026-03-30 00:30:00',
      true,
      1,
      90_000_000,
      false,
      true,
      1,
      '2026-03-30'
    ])
  })

  it('writes to the log with its parts, hashes and escapes', async () => {
    const script = `gs.warn('From {0} to {1}', 'a', 2); gs.error('bad');
      [new GlideDigest().getSHA256Hex('a'), GlideStringUtil.escapeHTML('<a>'), gs.nil(''), gs.nil(current_or_null()),
       gs.hasRole('sn_change_read'), gs.hasRole('nobody'), gs.generateGUID().length, gs.getProperty('none', 'other'), gs.base64Decode('YQ==')];
      function current_or_null() { return null; }`
    const { value, sandbox } = await resultOf(script.replace('[new', 'var list = [new').concat(' list;'))
    expect(value.slice(1)).toEqual(['&lt;a&gt;', true, true, true, false, 32, 'other', 'a'])
    const written = sandbox.rows('syslog').filter(row => row.source === 'x_acme')
    expect(written.map(row => [row.level, row.message, row.source])).toEqual([
      ['1', 'From a to 2', 'x_acme'],
      ['2', 'bad', 'x_acme']
    ])
  })
})
