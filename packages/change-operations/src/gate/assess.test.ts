import { seedId } from '@change-actions/sandbox'
import { Interrupted } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn, problemOf } from '../testing/context.ts'
import { startInstance, type TestInstance } from '../testing/instance.ts'
import { type Assessment, assess } from './assess.ts'

const PLANNED = {
  cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster'),
  start_date: '2026-11-21 12:00:00',
  end_date: '2026-11-21 13:00:00'
}
const CONFLICTS = [{ change: 'CHG0039999', type: 'CI Already Scheduled' }]
let instance: TestInstance

beforeEach(() => {
  instance = startInstance()
})

async function run(fields: Record<string, string>, assessment: Partial<Assessment>, dryRun = false) {
  const change = await instance.add(fields)
  const context = contextOn(instance, { dryRun })
  const all = { evaluateRisk: false, checkConflicts: 'ignore', ...assessment } as const
  return { change, context, assessed: assess(context, change, all) }
}

describe('the risk', () => {
  it('is evaluated in New, and seen on the change', async () => {
    const { assessed } = await run({ impact: '2', risk: '4' }, { evaluateRisk: true })
    expect((await assessed).fields.risk).toEqual({ value: '3', display: 'Moderate' })
    expect(instance.log).toEqual(['evaluate-risk CHG0030001'])
    expect(instance.stored('CHG0030001').risk).toBe('3')
  })

  it('is not evaluated later, nor where that is not requested', async () => {
    const later = await run({ state: '-4' }, { evaluateRisk: true })
    expect(await later.assessed).toBe(later.change)
    const unrequested = await run({}, {})
    expect(await unrequested.assessed).toBe(unrequested.change)
    expect(instance.log).toEqual([])
  })

  it('that cannot be evaluated is a problem', async () => {
    instance.fail('evaluate-risk', { kind: 'acl' })
    await problemOf((await run({}, { evaluateRisk: true })).assessed, 'role')
    instance = startInstance({ api: 'table' })
    await problemOf((await run({}, { evaluateRisk: true })).assessed, 'api-missing')
  })
})

describe('conflicts', () => {
  it('that are found are told', async () => {
    instance.plant({ ...PLANNED, number: 'CHG0039999' })
    const { context, change, assessed } = await run(PLANNED, { checkConflicts: 'warn' })
    expect(await assessed).toBe(change)
    expect(context.events).toEqual([{ type: 'conflicts-found', change, conflicts: CONFLICTS }])
  })

  it('that are found fail where they are to', async () => {
    instance.plant({ ...PLANNED, number: 'CHG0039999' })
    const { change, assessed } = await run(PLANNED, { checkConflicts: 'fail' })
    const problem = await problemOf(assessed, 'conflict')
    expect(problem).toMatchObject({ outcome: 'conflict', subject: { number: change.number } })
    expect(problem.facts).toEqual({ conflicts: CONFLICTS })
  })

  it.each(['warn', 'fail'] as const)('that are none are nothing to tell (%s)', async checkConflicts => {
    const { context, change, assessed } = await run({ ...PLANNED, state: '-2' }, { checkConflicts })
    expect(await assessed).toBe(change)
    expect(context.events).toEqual([])
    expect(instance.stored(change).conflict_status).toBe('No Conflict')
  })

  it('are checked until the work begins, and not from Implement on', async () => {
    const { assessed } = await run({ ...PLANNED, state: '-1' }, { checkConflicts: 'fail' })
    await assessed
    expect(instance.log).toEqual([])
  })

  it.each([
    {},
    { cmdb_ci: PLANNED.cmdb_ci },
    { start_date: PLANNED.start_date, end_date: PLANNED.end_date },
    { ...PLANNED, end_date: '' },
    { ...PLANNED, start_date: '' }
  ])('that cannot be told without CI and window are told so, or fail: %j', async fields => {
    const { context, change, assessed } = await run(fields, { checkConflicts: 'warn' })
    await assessed
    expect(context.events).toEqual([{ type: 'conflicts-not-checked', change }])
    for (const dryRun of [false, true]) {
      const failing = (await run(fields, { checkConflicts: 'fail' }, dryRun)).assessed
      expect(await problemOf(failing, 'conflict-unknown')).toMatchObject({
        outcome: 'conflict-unknown',
        facts: { why: 'no-basis' }
      })
    }
    expect(instance.writes).toEqual([])
  })

  it('whose report never comes are told, or fail', async () => {
    instance = startInstance({ approvalDelayMs: 600_000 })
    const { context, change, assessed } = await run(PLANNED, { checkConflicts: 'warn' })
    await assessed
    expect(context.events).toEqual([{ type: 'conflicts-unfinished', change }])
    const failing = (await run(PLANNED, { checkConflicts: 'fail' })).assessed
    expect(await problemOf(failing, 'conflict-unknown')).toMatchObject({
      outcome: 'conflict-unknown',
      facts: { why: 'unfinished' }
    })
  })

  it('that cannot be detected are told, or fail', async () => {
    instance.fail('conflicts', { kind: 'acl', times: 2 })
    const { context, change, assessed } = await run(PLANNED, { checkConflicts: 'warn' })
    expect(await assessed).toBe(change)
    expect(context.events).toMatchObject([
      { type: 'conflicts-not-detected', change, problem: { code: 'role' } }
    ])
    const failing = (await run(PLANNED, { checkConflicts: 'fail' })).assessed
    expect(await problemOf(failing, 'role')).toMatchObject({ outcome: 'conflict-unknown' })
  })

  it('cannot be detected on the Table API', async () => {
    instance = startInstance({ api: 'table' })
    const { context, change, assessed } = await run(PLANNED, { checkConflicts: 'warn' })
    expect(await assessed).toBe(change)
    expect(context.told('conflicts-not-detected')).toMatchObject([{ problem: { code: 'api-missing' } }])
    await problemOf((await run(PLANNED, { checkConflicts: 'fail' })).assessed, 'api-missing')
  })

  it('let a defect or an interruption through', async () => {
    instance.transport.cut(new Interrupted('interrupted'))
    const { assessed } = await run(PLANNED, { checkConflicts: 'warn' })
    await expect(assessed).rejects.toThrow(Interrupted)
  })
})

it('a dry run tells what it would do', async () => {
  const all = { evaluateRisk: true, checkConflicts: 'fail' } as const
  const { context, change, assessed } = await run(PLANNED, all, true)
  expect(await assessed).toBe(change)
  expect(context.planned()).toEqual([
    { type: 'evaluate-risk', change },
    { type: 'detect-conflicts', change }
  ])
  expect(instance.log).toEqual([])
})
