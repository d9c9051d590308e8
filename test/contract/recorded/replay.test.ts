/** What the client makes of responses that instances gave. */
import { gzipSync } from 'node:zlib'
import { Query, type ServiceNowClient } from '@change-actions/servicenow-client'
import { afterEach, describe, expect, it } from '@jest/globals'
import { client, expectHarmless, type Planned, wire } from '../kit.ts'
import { CHANGE, TASK, TEMPLATE, typedChange } from '../responses.ts'
import { EXCHANGES, type Exchange, type ExchangeName } from './exchanges.ts'

afterEach(expectHarmless)

const CLIENT = { scheme: 'oauth-client-credentials', clientId: 'c', clientSecret: 's' } as const
const never = async () => undefined

interface Replay {
  /** What the client is asked for, when the instance gives this response. */
  readonly ask: (client: ServiceNowClient) => Promise<unknown>
  readonly options?: Parameters<typeof client>[0]
  /** Responses before and after it. */
  readonly before?: readonly Planned[]
  readonly after?: readonly Planned[]
  /** The value, or the problem. */
  readonly value?: unknown
  readonly problem?: object
}

const read = ({ changes }: ServiceNowClient) => changes.get(CHANGE)
const find = ({ changes }: ServiceNowClient) => changes.find(new Query().is('number', 'CHG1'), 'finding')
const draft = { type: 'normal', fields: { short_description: 'x' } }
const TABLE = { api: 'table' } as const
const WHOLE = { sysId: CHANGE, number: 'CHG0030001', state: '-5', approval: 'not requested', onHold: false }

/** What the client does not ask for: the response stands in for another one of its status and form. */
const REPLAYS: Readonly<Record<ExchangeName, Replay>> = {
  'a move that a change model refuses': {
    ask: ({ changes }) => changes.update(CHANGE, { state: '-4' }, { operation: 'moving' }),
    problem: {
      code: 'business-rule',
      facts: {
        status: 400,
        message:
          'Change Request cannot move to state: assess: conditions not met: "Assignment group is not empty"'
      }
    }
  },
  'a change that does not exist': {
    ask: read,
    problem: { code: 'not-found', facts: { status: 404, message: 'Change Request not found' } }
  },
  'an approval that nobody asked for': {
    ask: ({ changes }) => changes.update(CHANGE, { state: '-4' }, { operation: 'moving' }),
    problem: {
      code: 'bad-request',
      facts: { status: 400, message: 'Change Request approval could not be processed.' }
    }
  },
  'the unversioned path': {
    before: [[404, '{"message":"no Route matched"}']],
    ask: read,
    value: WHOLE
  },
  'the versioned path': { ask: read, value: WHOLE },
  'an insert without a body, Accept and Content-Type': {
    options: TABLE,
    ask: ({ changes }) => changes.create(draft, never),
    value: { change: { sysId: CHANGE, number: 'CHG0030001', state: '-5' } }
  },
  'a token for a client in the header': {
    options: { credentials: CLIENT },
    after: [[200, { result: typedChange() }]],
    ask: read,
    value: WHOLE
  },
  'a token that is refused': {
    options: { credentials: CLIENT },
    ask: read,
    problem: { code: 'sign-in', facts: { status: 401, message: 'server_error: access_denied' } }
  },
  'a response that was asked for as gzip': { ask: read, value: WHOLE },
  'a date with a T': {
    options: TABLE,
    ask: ({ changes }) =>
      changes.update(CHANGE, { start_date: '2021-07-15 08:00:00' }, { operation: 'planning' }),
    value: { sysId: CHANGE, fields: { start_date: { value: '2021-07-15 08:00:00' } } }
  },
  'a standard change through the Table API': {
    options: TABLE,
    ask: ({ changes }) =>
      changes.create(
        {
          type: 'standard',
          template: { sysId: 't', name: 'Deployment', version: TEMPLATE },
          fields: { short_description: 'x' }
        },
        never
      ),
    value: { change: { sysId: CHANGE } }
  },
  'a sys_id of the caller': {
    options: TABLE,
    ask: ({ changes }) => changes.create(draft, never),
    value: { whole: false }
  },
  'the administrator, whose password is hidden': {
    ask: one => one.exists('requested_by', '6816f79cc0a8016401c5a33be04be441'),
    value: true
  },
  'an address of 24 kB': { ask: find, problem: { code: 'unexpected', facts: { status: 414 } } },
  'a task of a change': {
    ask: ({ changes }) => changes.updateTask(CHANGE, TASK, { state: '3' }, 'closing a task'),
    value: undefined
  },
  'a bearer token that is not valid': {
    ask: read,
    problem: {
      code: 'credentials',
      facts: { message: 'User Not Authenticated: Required to provide Auth information' }
    }
  },
  'a file': { ask: read, problem: { code: 'not-json' } },
  'display values, asked for in capitals': { options: TABLE, ask: read, problem: { code: 'unreadable' } },
  'a query with CONTAINS that nothing matches': { options: TABLE, ask: find, value: [] },
  'a query with DOES NOT CONTAIN that nothing matches': { options: TABLE, ask: find, value: [] },
  'a query with ISNULL that nothing matches': { options: TABLE, ask: find, value: [] },
  'a query with MATCH_PAT that nothing matches': { options: TABLE, ask: find, value: [] }
}

/** As nock sends it. Headers that only have a form are left out. */
function planned({ response: { status, headers = {}, body } }: Exchange): Planned {
  const plain = Object.entries(headers).filter(([, value]) => typeof value === 'string')
  const sent = Object.fromEntries(plain) as Record<string, string>
  const page = typeof body === 'string' ? { 'Content-Type': 'text/html' } : {}
  const zipped = sent['content-encoding'] === 'gzip' ? gzipSync(JSON.stringify(body)) : undefined
  return [status, zipped ?? body, { ...sent, ...page }]
}

describe.each(Object.keys(EXCHANGES) as ExchangeName[])('%s', name => {
  const { ask, options = {}, before = [], after = [], value, problem } = REPLAYS[name]

  it('is understood by the client', async () => {
    wire(...before, planned(EXCHANGES[name]), ...after)
    const asked = ask(client({ maxRetries: 0, ...options }))
    if (problem !== undefined) await expect(asked).rejects.toMatchObject(problem)
    else if (typeof value === 'object') expect(await asked).toMatchObject(value as object)
    else expect(await asked).toBe(value)
  })
})

describe('responses that have no place in the sandbox', () => {
  it('about another record are refused, whoever mixed them up', async () => {
    wire([200, { result: typedChange({ sys_id: 'f'.repeat(32) }) }])
    await expect(read(client({ maxRetries: 0 }))).rejects.toMatchObject({ code: 'other-record' })
  })

  it.each([
    [1, 'Open'],
    [2, 'Work in progress'],
    [10, 'Draft']
  ])('with a state of the instance’s own are read: %s', async (state, label) => {
    wire([200, { result: typedChange({ state: [state, label] }) }])
    expect(await read(client())).toMatchObject({ state: String(state), stateLabel: label })
  })
})
