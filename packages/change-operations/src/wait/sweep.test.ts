import type { GatePolicy } from '@change-actions/change-control'
import { Query } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn } from '../testing/context.ts'
import { APIS, momentAt, startInstance, type TestInstance } from '../testing/instance.ts'
import type { Fields } from '../testing/records.ts'
import { sweepChanges } from './sweep.ts'

const policy: GatePolicy = {
  proceedStates: ['scheduled', 'implement', 'review'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: false
}
const APPROVED = { state: '-2', approval: 'approved' }
const DAY = 86_400_000

describe.each(APIS)('a sweep (%s)', api => {
  let instance: TestInstance
  beforeEach(() => {
    instance = startInstance({ api })
  })

  /** A change of the deployments that are swept. Returns its sys_id. */
  const add = (fields: Fields): string => instance.plant({ correlation_display: 'gha test', ...fields }).sysId

  async function sweep(policyOf: (sysId: string) => GatePolicy | undefined = () => policy) {
    const swept = await sweepChanges(contextOn(instance), {
      query: new Query().is('correlation_display', 'gha test'),
      operation: 'reading the changes of deployments',
      policyOf: change => policyOf(change.sysId)
    })
    return Object.fromEntries(swept.map(({ change, decision }) => [change.sysId, decision]))
  }

  it('decides each change by the rule of the gate, with one request', async () => {
    const window = { start_date: momentAt(DAY), end_date: momentAt(2 * DAY) }
    const approved = add(APPROVED)
    const requested = add({ state: '-4', approval: 'requested' })
    const rejected = add({ state: '-5', approval: 'rejected' })
    const later = add({ ...APPROVED, ...window })
    expect(await sweep()).toMatchObject({
      [approved]: { kind: 'proceed', outcome: 'approved' },
      [requested]: { kind: 'wait' },
      [rejected]: { kind: 'stop', outcome: 'rejected' },
      [later]: { kind: 'wait', until: Date.parse(`${momentAt(DAY).replace(' ', 'T')}Z`) }
    })
    expect(instance.log).toHaveLength(1)
  })

  it('leaves out what has no policy, and never writes', async () => {
    const [one, other] = [add(APPROVED), add(APPROVED)]
    expect(Object.keys(await sweep(sysId => (sysId === one ? undefined : policy)))).toEqual([other])
    expect(instance.writes).toEqual([])
  })

  it('reads all changes, however many there are', async () => {
    for (let n = 0; n < 230; n += 1) add(APPROVED)
    expect(Object.keys(await sweep())).toHaveLength(230)
    expect(instance.log).toHaveLength(3)
  })
})
