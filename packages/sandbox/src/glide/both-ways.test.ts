/** An application that listens and calls out, as an integration with a pipeline does: all parts of the runtime together. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { special, table } from '../dictionary/field.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { application, resource, rule } from '../testing/application.ts'
import { approvalRequested, as, basic, CHANGE } from '../testing/caller.ts'

const SECRET = 'shared-secret'

/** Checks the signature over the raw body, refuses a repeated delivery, and starts a subflow of the list. */
const INBOUND = `(function process(request, response) {
  var raw = request.body.dataString;
  if (!new Signature().matches(raw, request.getHeader('X-Acme-Signature'))) {
    var refused = new sn_ws_err.ServiceError();
    refused.setStatus(401);
    refused.setMessage('Wrong signature');
    response.setError(refused);
    return;
  }
  var message = request.body.data;
  var allowed = gs.getProperty('x_acme.flows', '').split(',');
  if (allowed.indexOf(message.flow) < 0) {
    response.setStatus(403);
    return { error: 'not allowed' };
  }
  var delivery = new GlideRecord('x_acme_delivery');
  delivery.delivery = request.getHeader('X-Acme-Delivery');
  if (delivery.insert() === null) {
    delivery.get('delivery', request.getHeader('X-Acme-Delivery'));
    return { duplicate: true, execution: delivery.getValue('execution') };
  }
  delivery.execution = sn_fd.FlowAPI.getRunner().subflow('x_acme.' + message.flow).inBackground()
    .withInputs({ title: message.title }).run().getContextId();
  delivery.update();
  response.setStatus(202);
  return { duplicate: false, execution: delivery.getValue('execution') };
})(request, response);`

const SIGNATURE = `var Signature = Class.create();
Signature.prototype = {
  initialize: function () {
    this.digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  },
  hex: function (base64) {
    var hex = '';
    var bits = 0;
    var count = 0;
    for (var at = 0; at < base64.length && base64.charAt(at) !== '='; at++) {
      bits = (bits << 6) | this.digits.indexOf(base64.charAt(at));
      count += 6;
      while (count >= 4) {
        count -= 4;
        hex += ((bits >> count) & 15).toString(16);
        bits = bits & ((1 << count) - 1);
      }
    }
    return hex.substring(0, 64);
  },
  matches: function (raw, sent) {
    var secret = gs.getProperty('x_acme.secret');
    if (gs.nil(secret) || gs.nil(sent)) return false;
    var mac = new CertificateEncryption().generateMac(gs.base64Encode(secret), 'HmacSHA256', raw);
    var expected = 'sha256=' + this.hex(mac);
    var differences = expected.length ^ sent.length;
    for (var at = 0; at < expected.length; at++) {
      differences = differences | (expected.charCodeAt(at) ^ sent.charCodeAt(at));
    }
    return differences === 0;
  },
  type: 'Signature'
};`

const POKE = `var Poke = Class.create();
Poke.prototype = {
  initialize: function () {},
  send: function (record, attempt) {
    var failed = true;
    try {
      var message = new sn_ws.RESTMessageV2();
      message.setEndpoint(gs.getProperty('x_acme.url'));
      message.setHttpMethod('post');
      message.setHttpTimeout(10000);
      message.setRequestHeader('Authorization', 'Bearer ' + gs.getProperty('x_acme.token'));
      message.setRequestBody('{"ref":"main"}');
      failed = message.execute().haveError();
    } catch (e) {
      gs.warn('Poke failed: {0}', e.message);
    }
    if (!failed || attempt >= 3) return;
    gs.eventQueue('x_acme.poke', record, String(attempt + 1), '');
  },
  type: 'Poke'
};`

let server: Server
let sandbox: Sandbox
let statuses: number[] = []
const pokes: string[] = []

beforeEach(async () => {
  pokes.length = 0
  server = createServer((request, response) => {
    pokes.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    response.writeHead(statuses.shift() ?? 204).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dispatches`
  const property = (name: string, value: string) => ({ name: `x_acme.${name}`, value, type: 'string' })
  sandbox = await startSandbox({
    approvalDelayMs: 0,
    scripts: application({
      tables: [
        {
          table: table('x_acme_delivery', 'Delivery', 'delivery', [
            special('delivery', 'string'),
            special('execution', 'string')
          ]),
          unique: ['delivery']
        }
      ],
      properties: [
        property('secret', SECRET),
        property('flows', 'create_change'),
        property('url', url),
        property('token', 't')
      ],
      includes: [
        { name: 'Signature', script: SIGNATURE },
        { name: 'Poke', script: POKE }
      ],
      resources: [resource(INBOUND, { path: '/api/x_acme/v1/flows' })],
      flows: [
        {
          name: 'create_change',
          script: `(function (inputs, outputs) {
            var change = new GlideRecord('change_request');
            change.short_description = inputs.title;
            change.assignment_group.setDisplayValue('DevOps Team');
            change.correlation_display = 'acme pipeline';
            outputs.change = change.insert();
            change.state = '-4';
            change.update();
          })(inputs, outputs);`
        }
      ],
      rules: [
        rule('new Poke().send(current, 1);', {
          name: 'Poke',
          when: 'async',
          on: ['update'],
          filter: 'correlation_displaySTARTSWITHacme^approvalVALCHANGES',
          condition: "current.approval != 'requested'"
        })
      ],
      actions: [
        {
          name: 'Poke again',
          event: 'x_acme.poke',
          script: 'new Poke().send(current, parseInt(event.parm1, 10));'
        }
      ]
    })
  })
})

afterEach(async () => {
  statuses = []
  await sandbox.stop()
  server.close()
})

async function deliver(id: string, message: unknown, secret = SECRET) {
  const body = JSON.stringify(message)
  const response = await fetch(`${sandbox.url}/api/x_acme/v1/flows`, {
    method: 'POST',
    headers: {
      authorization: basic('gha.deployer'),
      'content-type': 'application/json',
      'X-Acme-Delivery': id,
      'X-Acme-Signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    },
    body
  })
  return { status: response.status, json: (await response.json()) as { result?: Record<string, unknown> } }
}

const START = { flow: 'create_change', title: 'From the pipeline' }
const changes = () => sandbox.rows('change_request').filter(row => row.short_description === START.title)

describe('an application that listens and calls out', () => {
  it('makes one change for a delivery that arrives twice, and calls when it is approved', async () => {
    const [first, second] = await Promise.all([deliver('d-1', START), deliver('d-1', START)])
    expect([first.status, second.status].sort()).toEqual([200, 202])
    await sandbox.waitFor(() => sandbox.rows('sys_flow_context').every(row => row.state === 'COMPLETE'))
    expect(changes()).toHaveLength(1)
    const id = changes()[0]?.sys_id ?? ''
    await approvalRequested(sandbox, id)
    expect(pokes).toEqual([])
    const poked = once(server, 'request')
    sandbox.approve(id)
    await poked
    expect(pokes).toEqual(['POST /dispatches Bearer t'])
  })

  it('refuses a wrong signature and a flow that is not on the list; nothing is made', async () => {
    expect((await deliver('d-2', START, 'wrong')).status).toBe(401)
    expect((await deliver('d-3', { ...START, flow: 'delete_all' })).status).toBe(403)
    expect(sandbox.rows('x_acme_delivery')).toEqual([])
    expect(changes()).toEqual([])
  })

  it('calls three times at most', async () => {
    statuses = [500, 503, 502, 204]
    await deliver('d-4', START)
    await sandbox.waitFor(() => changes().length > 0)
    const id = changes()[0]?.sys_id ?? ''
    await approvalRequested(sandbox, id)
    sandbox.approve(id)
    const processed = () => sandbox.rows('sysevent').filter(row => row.state === 'processed')
    await sandbox.waitFor(() => processed().length === 2)
    expect(pokes).toHaveLength(3)
    expect(statuses).toEqual([204])
  })

  it('leaves changes of others alone', async () => {
    const created = await as(sandbox).post(`${CHANGE}/normal`, { assignment_group: 'DevOps Team' })
    const id = String(created.at('result', 'sys_id', 'value'))
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    await approvalRequested(sandbox, id)
    sandbox.approve(id)
    expect(sandbox.change(id)?.approval).toBe('approved')
    expect(sandbox.rows('sys_trigger')).toEqual([])
    expect(pokes).toEqual([])
  })
})
