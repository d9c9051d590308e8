/** Responses of an instance, through the client, on both APIs. */
import {
  AttemptTimeout,
  CutShort,
  createClient,
  Problem,
  Query,
  type ServiceNowClient,
  type Transport
} from '@change-actions/servicenow-client'
import {
  CHANGE,
  GROUP,
  linked,
  linkedChange,
  listed,
  NEXT_STATES,
  TASK,
  TEMPLATE,
  typed,
  typedChange,
  written
} from '../../contract/responses.ts'
import { mutated, mutatedValue, pick, type Random } from '../mutate.ts'
import type { Target } from '../target.ts'

const ROW = linked({
  ...{
    sys_id: GROUP,
    name: 'DevOps Team',
    user_name: 'svc',
    value: '3',
    label: 'Low',
    element: 'risk',
    table_sys_id: CHANGE
  },
  ...{
    file_name: 'a.xml',
    size_bytes: '12',
    hash: 'a'.repeat(64),
    approver: 'Ann',
    state: 'approved',
    comments: '2026-11-21 10:00:00 - Ann (Comments)\nno'
  },
  ...{
    'group.assignment_group': 'CAB',
    sys_updated_on: '2026-11-21 10:00:00',
    language: 'en',
    role: 'itil',
    active: 'true'
  }
})

const SAMPLES: readonly unknown[] = [
  written(typedChange()),
  { result: linkedChange({ state: ['3', 'Closed'] }) },
  listed([typedChange(), typedChange({ sys_id: GROUP })]),
  { result: [linkedChange()] },
  { result: [ROW, ROW] },
  { result: [typed({ sys_id: TASK, number: 'CTASK1', state: 1, short_description: 'x' })] },
  { result: { sys_id: TEMPLATE, name: 'x', status: { value: '2' }, worker: { sysId: 'x', link: 'y' } } },
  NEXT_STATES,
  { error: { message: 'Operation Failed', detail: 'ACL Exception' }, status: 'failure' },
  { access_token: 'x', expires_in: 1799, token_type: 'Bearer' }
]
const TEXTS = ['<html><head><title>Log in</title></head></html>', '', 'Service Unavailable', '{"result":']
const HEADERS = ['application/json;charset=UTF-8', 'text/html', 'application/json', '']

function transportOf(random: Random): Transport {
  return {
    close: async () => undefined,
    async send() {
      const what = random()
      if (what < 0.02) throw new CutShort('cut')
      if (what < 0.04) throw new AttemptTimeout('late')
      const json = JSON.stringify(mutatedValue(pick(random, SAMPLES), random)) ?? ''
      const text = what < 0.15 ? mutated([...TEXTS, json], random) : json
      const type = what < 0.9 ? HEADERS[0] : pick(random, HEADERS)
      return {
        status:
          what < 0.8
            ? pick(random, [200, 201])
            : pick(random, [202, 204, 301, 400, 401, 403, 404, 409, 429, 500, 503]),
        headers: {
          'content-type': type ?? '',
          date: mutated(['Wed, 25 Nov 2026 10:00:00 GMT'], random),
          'retry-after': mutated(['1', 'Wed, 25 Nov 2026 10:00:00 GMT'], random),
          'x-total-count': mutated(['2', '100000'], random),
          link: mutated(['<https://a.example/x?sysparm_offset=10>;rel="next"'], random),
          location: mutated(['https://a.example/login.do'], random)
        },
        text
      }
    }
  }
}

const nothing = async () => undefined

const OPERATIONS: readonly ((client: ServiceNowClient) => Promise<unknown>)[] = [
  ({ changes }) => changes.get(CHANGE),
  ({ changes }) => changes.find(new Query().is('correlation_id', 'gha-1'), 'searching'),
  ({ changes }) => changes.findNewest(new Query().is('correlation_id', 'gha-1'), 'searching'),
  ({ changes }) => changes.create({ fields: { short_description: 'x' } }, nothing),
  ({ changes }) =>
    changes.update(CHANGE, { state: '-1' }, { operation: 'moving', done: one => one.state === '-1' }),
  ({ changes }) => changes.nextStates(CHANGE),
  ({ changes }) => changes.openTasks(CHANGE),
  ({ changes }) => changes.updateTask(CHANGE, TASK, { state: '3' }, 'closing'),
  ({ changes }) => changes.evaluateRisk(CHANGE),
  ({ changes }) => changes.startConflictCheck(CHANGE),
  ({ changes }) => changes.conflicts(CHANGE),
  ({ changes }) => changes.template('Deploy'),
  ({ attachments }) => attachments.list(CHANGE),
  client => client.approvals(CHANGE),
  client => client.reference('group', 'DevOps Team'),
  client => client.choice('risk', 'low'),
  client => client.exists('assignment_group', GROUP),
  client => client.probe('/api/now/table/sys_user', 'probing'),
  client => client.ownRoles()
]

async function operate(api: 'change-management' | 'table', random: Random): Promise<void> {
  let now = 1_800_000_000_000
  const client = createClient({
    api,
    instance: 'https://acme.service-now.com',
    credentials:
      random() < 0.5
        ? { scheme: 'bearer', token: 'x' }
        : { scheme: 'oauth-client-credentials', clientId: 'x', clientSecret: 'y' },
    userAgent: 'fuzz',
    requestTimeoutMs: 1_000,
    maxRetries: 1,
    transport: transportOf(random),
    now: () => now,
    sleep: async ms => {
      if (!(ms >= 0)) throw new Error(`it sleeps ${ms} ms`)
      now += ms
    },
    random
  })
  await pick(random, OPERATIONS)(client)
}

export const responseTargets: readonly Target[] = (['change-management', 'table'] as const).map(api => ({
  name: `responses: ${api}`,
  run: random => operate(api, random),
  declared: error => error instanceof Problem
}))
