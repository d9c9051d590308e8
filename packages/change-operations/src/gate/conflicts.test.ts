import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn } from '../testing/fake-context.ts'
import { FakeInstance } from '../testing/fake-instance.ts'
import type { Cell } from '../testing/fake-records.ts'
import { checkConflicts } from './conflicts.ts'

let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

describe('conflict detection', () => {
  const planned: Record<string, Cell> = {
    cmdb_ci: ['ci-1', 'prod'],
    start_date: '2026-11-21 12:00:00',
    end_date: '2026-11-21 13:00:00'
  }
  const found = [{ change: 'CHG0039999', type: 'CI Already Scheduled' }]

  /** An instance whose report is ready after some polls; before that it shows the last one. */
  function detecting(polls: number, before: string): void {
    const last = { lastRun: before, done: true, conflicts: [] }
    const report = { lastRun: '2026-11-21 12:00:09', done: true, conflicts: found }
    fake.conflictReports = [...Array.from({ length: polls + 1 }, () => last), report]
  }

  it.each(['', '2026-11-21 11:00:00'])('waits for its own report after %j', async before => {
    detecting(5, before)
    const context = contextOn(fake)
    const check = await checkConflicts(context, fake.add(planned))
    expect(check).toEqual({ kind: 'report', conflicts: found })
    // Where there is a report already, the new one must be of another second.
    expect(context.slept).toHaveLength(before === '' ? 5 : 6)
    expect(fake.log.filter(line => line.startsWith('start'))).toEqual(['start-conflict-check CHG0030001'])
  })

  it('gives up after a minute', async () => {
    const startedAt = fake.now
    detecting(1_000, '')
    expect(await checkConflicts(contextOn(fake), fake.add(planned))).toEqual({ kind: 'unfinished' })
    expect(fake.now - startedAt).toBe(60_000)
  })

  it.each(['cmdb_ci', 'start_date', 'end_date'])('needs %s', async field => {
    const check = await checkConflicts(contextOn(fake), fake.add({ ...planned, [field]: '' }))
    expect(check).toEqual({ kind: 'no-basis' })
    expect(fake.log).toEqual([])
  })
})
