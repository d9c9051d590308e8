/** What the polls of a wait read: few bytes, and never a decision on less than the whole record as it is now. */
import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn, type TestContext } from '../testing/context.ts'
import { BOUND, IDENTITY } from '../testing/deployment.ts'
import {
  APIS,
  type Api,
  momentAt as at,
  type Effect,
  startInstance,
  type TestInstance
} from '../testing/instance.ts'
import type { Wait } from './types.ts'
import { waitForApproval } from './wait.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const POLICY: Wait['policy'] = {
  proceedStates: ['scheduled', 'implement', 'review'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: true
}
const OWN = { identity: IDENTITY, takeOver: false, runIsOver: async () => undefined, ofJob: false }
const ASSESS = { state: '-4', approval: 'requested' }
const APPROVED = { state: '-2', approval: 'approved' }
/** As long as they usually are. */
const USUAL = {
  correlation_display: BOUND,
  correlation_id: 'gha-3f2a9c41b07d55667788',
  start_date: at(-HOUR),
  end_date: at(9 * HOUR),
  short_description: 'Deploy the shop',
  description: 'x'.repeat(4_000),
  sys_mod_count: '12'
}

let instance: TestInstance

interface Read {
  readonly few: boolean
  /** Whether it is the Change Management API's. */
  readonly api: Api
}

/** The reads of the change, in order. */
function reads(): Read[] {
  return instance.sandbox.requests
    .filter(one => /\/(?:change|change_request)\/[0-9a-f]{32}$/.test(one.path))
    .map(({ path, query }) => ({
      few: query.includes('sysparm_fields='),
      api: path.includes('/table/') ? 'table' : 'change-management'
    }))
}

const kinds = () => reads().map(one => (one.few ? 'few' : 'whole'))

/** A wait; `events` happen on the instance that many milliseconds later. */
async function wait(
  fields: Record<string, string>,
  events: Record<number, (change: { readonly sysId: string }, context: TestContext) => void> = {},
  policy: Partial<Wait['policy']> = {}
) {
  const change = instance.plant({ ...USUAL, ...fields })
  const context = contextOn(instance)
  for (const [ms, event] of Object.entries(events)) context.at(Number(ms), () => event(change, context))
  const waited = await waitForApproval(context, {
    sysId: change.sysId,
    timeoutMs: HOUR,
    intervalMs: MINUTE,
    policy: { ...POLICY, ...policy },
    own: OWN
  })
  return { ...waited, context }
}

const set = (fields: Record<string, string>) => (change: { readonly sysId: string }) =>
  instance.set(change, fields)

describe.each(APIS)('polls (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('read few fields through the Table API until the change has changed', async () => {
    expect((await wait(ASSESS, { 12000: set(APPROVED) })).outcome).toBe('approved')
    expect(reads()).toEqual([
      { few: false, api },
      { few: true, api: 'table' },
      { few: true, api: 'table' },
      { few: true, api: 'table' },
      { few: false, api }
    ])
  })

  it('read at most 1 kB', async () => {
    const context = contextOn(instance)
    const change = instance.plant({ ...USUAL, ...ASSESS })
    const values = await context.client.changes.poll(change.sysId)
    expect(Object.keys(values)).toHaveLength(12)
    expect(JSON.stringify({ result: values }).length).toBeLessThan(500)
  })

  it('see an edit of a field that they do not read, while the window is still to open', async () => {
    const window = { start_date: at(10 * MINUTE), end_date: at(HOUR) }
    const edit = set({ description: 'something else', sys_mod_count: '13' })
    const { outcome, change } = await wait({ ...APPROVED, ...window }, { [5 * MINUTE]: edit })
    expect(outcome).toBe('approved')
    expect(change?.fields.description?.value).toBe('something else')
    expect(kinds().filter(one => one === 'whole')).toHaveLength(3)
  })

  it('let nothing through on a record of an earlier poll', async () => {
    const window = { start_date: at(10 * MINUTE), end_date: at(HOUR) }
    const { outcome } = await wait({ ...APPROVED, ...window })
    expect(outcome).toBe('approved')
    expect(kinds().at(-1)).toBe('whole')
    expect(kinds().filter(one => one === 'whole')).toHaveLength(2)
  })

  it.each<[string, Record<string, string>, string]>([
    ['a rejection', { state: '-5', approval: 'rejected' }, 'rejected'],
    ['a cancellation', { state: '4' }, 'canceled'],
    ['a binding that was taken away', { correlation_display: '' }, 'unbound'],
    ['an unauthorized change', { unauthorized: 'true' }, 'unauthorized'],
    ['a window that has closed', { end_date: at(-MINUTE) }, 'window-closed'],
    ['a withdrawal', { state: '-5', approval: 'not requested' }, 'withdrawn']
  ])('see %s', async (_, fields, outcome) => {
    expect((await wait(ASSESS, { 12000: set(fields) })).outcome).toBe(outcome)
  })

  it('see a hold, and its end', async () => {
    const { context, outcome } = await wait(APPROVED, {
      0: set({ on_hold: 'false' })
    })
    expect(outcome).toBe('approved')
    expect(context.told('waiting')).toEqual([])
    const held = await wait(
      { ...APPROVED, on_hold: 'true', on_hold_reason: 'frozen' },
      { 60000: set({ on_hold: 'false' }) }
    )
    expect(held.context.told('waiting')[0]?.reason).toEqual({ code: 'on-hold', holdReason: 'frozen' })
    expect(held.outcome).toBe('approved')
  })
})

describe('where the few fields cannot be read by themselves', () => {
  const table = (fault: Effect) =>
    instance.sandbox.fault({
      path: '/table/change_request/',
      method: 'GET',
      times: Number.POSITIVE_INFINITY,
      ...fault
    })

  beforeEach(() => {
    instance = startInstance()
  })

  it.each<[string, Effect]>([
    ['refused', { kind: 'acl' }],
    ['not found', { kind: 'not-found' }],
    ['401', { kind: 'unauthorized' }]
  ])('each poll reads the whole record, and says so once (%s)', async (_, fault) => {
    table(fault)
    const { outcome, context } = await wait(ASSESS, { 12000: set(APPROVED) })
    expect(outcome).toBe('approved')
    expect(context.told('polls-whole-record')).toMatchObject([{ change: { approval: 'requested' } }])
    expect(kinds()).toEqual(['whole', 'few', 'whole', 'whole', 'whole'])
  })

  it('so it does where a field is hidden', async () => {
    const { context } = await waitWithHidden('end_date')
    expect(context.told('polls-whole-record')).toMatchObject([{ why: 'hidden: end_date' }])
  })

  it('an outage of the Table API alone holds up no wait', async () => {
    table({ kind: 'unavailable' })
    const { outcome, context } = await wait(ASSESS, { 12000: set(APPROVED) })
    expect(outcome).toBe('approved')
    expect(context.told('polls-whole-record')).toEqual([])
    expect(kinds()).toEqual(['whole', 'few', 'whole', 'few', 'whole'])
  })

  /** The Table API does not show a field that the other API shows. */
  async function waitWithHidden(field: string) {
    const change = instance.plant({ ...USUAL, ...ASSESS })
    const context = contextOn(instance)
    const { client } = context
    const changes: typeof client.changes = Object.assign(Object.create(client.changes), {
      poll: async (sysId: string) => {
        const { [field as 'end_date']: _, ...rest } = await client.changes.poll(sysId)
        return rest
      }
    })
    const hiding = { ...context, client: { ...client, changes } }
    await waitForApproval(hiding, {
      sysId: change.sysId,
      timeoutMs: MINUTE,
      intervalMs: MINUTE,
      policy: POLICY
    })
    return { context }
  }
})
