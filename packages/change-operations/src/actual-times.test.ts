import { clientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { recordActual } from './actual-times.ts'
import { contextOn } from './testing/fake-context.ts'
import { FakeInstance } from './testing/fake-instance.ts'
import type { Cell } from './testing/fake-records.ts'

const READY: Record<string, Cell> = { state: '-2', approval: 'approved', work_start: '' }
let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

describe('actual start and end', () => {
  it('are written on the instance’s clock, only where they are empty', async () => {
    fake.skew = 60_000
    const change = await recordActual(contextOn(fake), fake.add(READY), 'work_start')
    expect(change.fields.work_start?.value).toBe('2026-11-21 12:01:00')
    await recordActual(contextOn(fake), change, 'work_start')
    // The account may not read it: nothing is known, and nothing is written.
    await recordActual(contextOn(fake), change, 'work_end')
    await recordActual(contextOn(fake, { dryRun: true }), fake.add(READY), 'work_start')
    expect(fake.writes).toHaveLength(1)
  })

  it('are no reason to stop', async () => {
    const change = fake.add(READY)
    const context = contextOn(fake)
    const problem = clientProblem('role', { operation: 'writing' })
    fake.fail('update', problem)
    expect(await recordActual(context, change, 'work_start')).toBe(change)
    expect(context.events).toEqual([
      { type: 'actual-time-not-written', change, field: 'work_start', problem }
    ])
  })

  it('are not written again when the response was lost', async () => {
    fake.fail('update', 'lost')
    const change = await recordActual(contextOn(fake), fake.add(READY), 'work_start')
    expect(change.fields.work_start?.value).toBe('2026-11-21 12:00:00')
    expect(fake.log).toEqual(['update CHG0030001 work_start=2026-11-21 12:00:00', 'check CHG0030001'])
  })

  it('that were lost and not written are told as not written', async () => {
    fake.fail('update', 'lost')
    fake.rule = () => ({})
    const context = contextOn(fake)
    await recordActual(context, fake.add(READY), 'work_start')
    expect(context.told('actual-time-not-written')).toMatchObject([{ problem: { code: 'request-timeout' } }])
  })

  it('let a defect or an interruption through', async () => {
    fake.after = () => {
      throw new TypeError('x is undefined')
    }
    const written = recordActual(contextOn(fake), fake.add(READY), 'work_start')
    await expect(written).rejects.toThrow(TypeError)
  })
})
