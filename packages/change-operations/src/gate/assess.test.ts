import { clientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn, problemOf } from '../testing/fake-context.ts'
import { FakeInstance } from '../testing/fake-instance.ts'
import type { Cell } from '../testing/fake-records.ts'
import { type Assessment, assess } from './assess.ts'

const PLANNED: Record<string, Cell> = {
  cmdb_ci: ['ci-1', 'prod'],
  start_date: '2026-11-21 12:00:00',
  end_date: '2026-11-21 13:00:00'
}
const CONFLICTS = [{ change: 'CHG0039999', type: 'CI Already Scheduled' }]
const NOTHING = { lastRun: '', done: false, conflicts: [] }
let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

function run(cells: Record<string, Cell>, assessment: Partial<Assessment>, dryRun = false) {
  const change = fake.add(cells)
  const context = contextOn(fake, { dryRun })
  const all = { evaluateRisk: false, checkConflicts: 'ignore', ...assessment } as const
  return { change, context, assessed: assess(context, change, all) }
}

/** The instance's detection finds these. */
function detects(conflicts: typeof CONFLICTS): void {
  fake.conflictReports = [NOTHING, { lastRun: '2026-11-21 12:00:09', done: true, conflicts }]
}

describe('the risk', () => {
  it('is evaluated in New, and seen on the change', async () => {
    const { assessed } = run({}, { evaluateRisk: true })
    expect((await assessed).fields.risk).toEqual({ value: '3', display: 'Moderate' })
    expect(fake.log).toEqual(['evaluate-risk CHG0030001'])
  })

  it('is not evaluated later, nor where that is not requested', async () => {
    const later = run({ state: '-4' }, { evaluateRisk: true })
    expect(await later.assessed).toBe(later.change)
    const unrequested = run({}, {})
    expect(await unrequested.assessed).toBe(unrequested.change)
    expect(fake.log).toEqual([])
  })

  it('that cannot be evaluated is a problem', async () => {
    fake.fail('evaluate-risk', clientProblem('role', { operation: 'evaluating' }))
    await problemOf(run({}, { evaluateRisk: true }).assessed, 'role')
  })
})

describe('conflicts', () => {
  it('that are found are told, or fail', async () => {
    detects(CONFLICTS)
    const { context, change, assessed } = run(PLANNED, { checkConflicts: 'warn' })
    expect(await assessed).toBe(change)
    expect(context.events).toEqual([{ type: 'conflicts-found', change, conflicts: CONFLICTS }])
    detects(CONFLICTS)
    const problem = await problemOf(run(PLANNED, { checkConflicts: 'fail' }).assessed, 'conflict')
    expect(problem).toMatchObject({ outcome: 'conflict', subject: { number: 'CHG0030002' } })
    expect(problem.facts).toEqual({ conflicts: CONFLICTS })
  })

  it.each(['warn', 'fail'] as const)('that are none are nothing to tell (%s)', async checkConflicts => {
    detects([])
    const { context, change, assessed } = run({ ...PLANNED, state: '-2' }, { checkConflicts })
    expect(await assessed).toBe(change)
    expect(context.events).toEqual([])
  })

  it('are checked until the work begins, and not from Implement on', async () => {
    const { assessed } = run({ ...PLANNED, state: '-1' }, { checkConflicts: 'fail' })
    await assessed
    expect(fake.log).toEqual([])
  })

  it.each(['warn', 'fail'] as const)(
    'that cannot be told without CI and window are told so (%s)',
    async checkConflicts => {
      const { context, change, assessed } = run({}, { checkConflicts })
      await assessed
      expect(context.events).toEqual([{ type: 'conflicts-not-checked', change }])
    }
  )

  it('whose report never comes are told, or fail with an error', async () => {
    const { context, change, assessed } = run(PLANNED, { checkConflicts: 'warn' })
    await assessed
    expect(context.events).toEqual([{ type: 'conflicts-unfinished', change }])
    const failing = run(PLANNED, { checkConflicts: 'fail' }).assessed
    expect(await problemOf(failing, 'conflict-unfinished')).toMatchObject({ outcome: 'error', facts: {} })
  })

  it('that cannot be detected are told, or fail', async () => {
    const problem = clientProblem('role', { operation: 'detecting' })
    fake.fail('conflicts', problem)
    const { context, change, assessed } = run(PLANNED, { checkConflicts: 'warn' })
    expect(await assessed).toBe(change)
    expect(context.events).toEqual([{ type: 'conflicts-not-detected', change, problem }])
    fake.fail('conflicts', problem)
    await problemOf(run(PLANNED, { checkConflicts: 'fail' }).assessed, 'role')
  })

  it('let a defect or an interruption through', async () => {
    fake.after = () => {
      throw new TypeError('x is undefined')
    }
    await expect(run(PLANNED, { checkConflicts: 'warn' }).assessed).rejects.toThrow(TypeError)
  })
})

it('a dry run tells what it would do', async () => {
  const all = { evaluateRisk: true, checkConflicts: 'fail' } as const
  const { context, change, assessed } = run(PLANNED, all, true)
  expect(await assessed).toBe(change)
  expect(context.planned()).toEqual([
    { type: 'evaluate-risk', change },
    { type: 'detect-conflicts', change }
  ])
  expect(fake.log).toEqual([])
})
