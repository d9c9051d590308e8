import { Interrupted } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { recordActual } from './actual-times.ts'
import { contextOn } from './testing/context.ts'
import { APIS, LOST, startInstance, type TestInstance } from './testing/instance.ts'

const READY = { state: '-2', approval: 'approved' }
let instance: TestInstance

describe.each(APIS)('actual start and end (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('are written on the instance’s clock, only where they are empty', async () => {
    instance = startInstance({ api, aheadMs: 60_000 })
    const context = contextOn(instance)
    // The instance's clock is known from its first response.
    const ready = await context.client.changes.get((await instance.add(READY)).sysId)
    const change = await recordActual(context, ready, 'work_start')
    expect(change.fields.work_start?.value).toBe('2026-11-21 12:01:00')
    expect(instance.stored(change).work_start).toBe('2026-11-21 12:01:00')
    await recordActual(context, change, 'work_start')
    await recordActual(contextOn(instance, { dryRun: true }), await instance.add(READY), 'work_start')
    expect(instance.writes).toHaveLength(1)
  })

  it('are not written where the account may not read them: nothing is known', async () => {
    instance = startInstance({ api, unreadableFields: ['work_end'] })
    await recordActual(contextOn(instance), await instance.add(READY), 'work_end')
    expect(instance.log).toEqual([])
  })

  it('are no reason to stop', async () => {
    const change = await instance.add(READY)
    const context = contextOn(instance)
    instance.fail('update', { kind: 'acl' })
    expect(await recordActual(context, change, 'work_start')).toBe(change)
    expect(context.events).toMatchObject([
      { type: 'actual-time-not-written', change, field: 'work_start', problem: { code: 'role' } }
    ])
    expect(context.told('actual-time-not-written')[0]?.change).toBe(change)
  })

  it('are not written again when the response was lost', async () => {
    const change = await instance.add(READY)
    instance.fail('update', LOST)
    const after = await recordActual(contextOn(instance), change, 'work_start')
    expect(after.fields.work_start?.value).toBe('2026-11-21 12:00:00')
    expect(instance.log).toEqual(['update CHG0030001 work_start=2026-11-21 12:00:00', 'get CHG0030001'])
  })

  it('that were lost and not written are told as not written', async () => {
    const change = await instance.add(READY)
    instance.fail('update', { kind: 'no-answer', times: 5 })
    const context = contextOn(instance)
    await recordActual(context, change, 'work_start')
    expect(context.told('actual-time-not-written')).toMatchObject([{ problem: { code: 'request-timeout' } }])
    expect(instance.stored(change).work_start).toBe('')
  })

  it('let a defect or an interruption through', async () => {
    const change = await instance.add(READY)
    instance.transport.cut(new Interrupted('interrupted'))
    await expect(recordActual(contextOn(instance), change, 'work_start')).rejects.toThrow(Interrupted)
  })
})
