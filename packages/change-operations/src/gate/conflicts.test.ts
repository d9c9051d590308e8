import { seedId } from '@change-actions/sandbox'
import { describe, expect, it } from '@jest/globals'
import { contextOn, problemOf } from '../testing/context.ts'
import { FIRST_MOMENT, startInstance, type TestInstance } from '../testing/instance.ts'
import { canConflict, checkConflicts } from './conflicts.ts'

const PLANNED = {
  cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster'),
  start_date: '2026-11-21 12:00:00',
  end_date: '2026-11-21 13:00:00'
}
let instance: TestInstance

/** An instance whose detection takes so long, with another change for the same time. */
function detecting(ms: number): void {
  instance = startInstance({ approvalDelayMs: ms })
  instance.plant({ ...PLANNED, number: 'CHG0039999' })
}

describe('conflict detection', () => {
  it.each(['', '2026-11-21 11:00:00'])('waits for its own report after %j', async before => {
    detecting(5_000)
    const change = await instance.add({ ...PLANNED, conflict_last_run: before })
    const context = contextOn(instance)
    const check = await checkConflicts(context, change)
    const conflicts = [{ change: 'CHG0039999', type: 'CI Already Scheduled' }]
    expect(check).toEqual({ kind: 'report', conflicts })
    // Where there is a report already, the new one must be of another second.
    expect(context.slept).toHaveLength(before === '' ? 5 : 6)
    const starts = instance.log.filter(line => line.startsWith('start'))
    expect(starts).toEqual([`start-conflict-check ${change.number}`])
  })

  it('gives up after a minute', async () => {
    detecting(600_000)
    const change = await instance.add(PLANNED)
    expect(await checkConflicts(contextOn(instance), change)).toEqual({ kind: 'unfinished' })
    expect(instance.clock.now() - FIRST_MOMENT).toBe(60_000)
  })

  it.each(['cmdb_ci', 'start_date', 'end_date'])('needs %s', async field => {
    expect(canConflict(await instance.add(PLANNED))).toBe(true)
    expect(canConflict(await instance.add({ ...PLANNED, [field]: '' }))).toBe(false)
  })

  it('is not there on the Table API', async () => {
    instance = startInstance({ api: 'table' })
    await problemOf(checkConflicts(contextOn(instance), await instance.add(PLANNED)), 'api-missing')
  })
})
