import type { StateName } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn, problemOf } from './testing/context.ts'
import { DEPLOYMENT, IDENTITY } from './testing/deployment.ts'
import { APIS, startInstance, type TestInstance } from './testing/instance.ts'
import { updateChange } from './update.ts'

const READY = { state: '-2', approval: 'approved' }
let instance: TestInstance

/** Moves a change, as a step of this run does. */
async function move(
  change: { readonly sysId: string },
  target: StateName,
  more: {
    run?: string
    attempt?: string
    leg?: string
    takeOver?: boolean
    over?: boolean
    note?: string
  } = {}
) {
  const { run = '1001', attempt = '1', leg = '0', takeOver = false, over, note } = more
  const context = contextOn(instance)
  const identity = { ...IDENTITY, deployment: { ...DEPLOYMENT, run, attempt, leg } }
  const read: Change = await instance.read(change)
  instance.forget()
  return updateChange(context, {
    change: read,
    target,
    fields: {},
    tasks: 'leave',
    ...(note !== undefined && { workNote: { text: note, marker: '[gha 0123456789ab]' } }),
    claim: { identity, takeOver, runIsOver: async () => over }
  })
}

describe.each(APIS)('a move to or past Implement (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('claims the change with the move, and reads the claim back: one request more', async () => {
    const change = await instance.add(READY)
    const { transitions } = await move(change, 'implement', { note: 'Starting.' })
    expect(transitions).toEqual(['implement'])
    expect(instance.log).toEqual([
      expect.stringMatching(
        /^update CHG0030001 state=-1 work_notes=Starting\. \[gha 0123456789ab\] {2}Claimed by run 1001\. \[gha2 claim 1 1001 1 /
      ),
      'get CHG0030001'
    ])
  })

  it('of a change that this run has claimed costs nothing more, whatever attempt or leg', async () => {
    const change = await instance.add(READY)
    await move(change, 'implement')
    const { transitions } = await move(change, 'review', { attempt: '2', leg: '3' })
    expect(transitions).toEqual(['review'])
    expect(instance.log).toEqual(['update CHG0030001 state=0'])
  })

  it('past Implement claims before the deployment is recorded', async () => {
    const change = await instance.add(READY)
    const { transitions } = await move(change, 'review')
    expect(transitions).toEqual(['implement', 'review'])
    expect(instance.log).toEqual([
      expect.stringContaining('[gha2 claim '),
      'get CHG0030001',
      'update CHG0030001 state=0'
    ])
  })

  it.each(['implement', 'review'] as const)('to %s: another run fails, and writes nothing', async target => {
    const change = await instance.add(READY)
    await move(change, 'implement')
    const { facts, outcome } = await problemOf(move(change, target, { run: '7' }), 'in-use')
    expect(facts).toMatchObject({ why: { holder: { runId: '1001' }, own: false } })
    expect(outcome).toBe('in-use')
    expect(instance.writes).toEqual([])
  })

  it('is made after a run that has completed, or by force', async () => {
    const change = await instance.add(READY)
    await move(change, 'implement')
    await move(change, 'implement', { run: '7', over: true })
    await move(change, 'implement', { run: '8', takeOver: true })
    await problemOf(move(change, 'review', { run: '9' }), 'in-use')
  })

  it('where a person moved it to Implement, claims it', async () => {
    const change = await instance.add({ ...READY, state: '-1' })
    await move(change, 'implement')
    expect(instance.writes).toEqual([expect.stringContaining('[gha2 claim 1 1001 1 ')])
  })

  it('two runs in one moment: one of them deploys', async () => {
    const change = await instance.add(READY)
    let other: Promise<unknown> | undefined
    instance.after('update', () => {
      other ??= updateChange(contextOn(instance), {
        change,
        target: 'implement',
        fields: {},
        tasks: 'leave',
        claim: {
          identity: { ...IDENTITY, deployment: { ...DEPLOYMENT, run: '7' } },
          takeOver: false,
          runIsOver: async () => undefined
        }
      })
    })
    await move(change, 'implement')
    if (other === undefined) throw new Error('the other run did not start')
    await problemOf(other, 'in-use')
  })

  it('a cancellation, a note or a closed change need no claim', async () => {
    const change = await instance.add(READY)
    await move(change, 'canceled')
    expect(instance.writes.join()).not.toContain('claim')
    const closed = await instance.add({ ...READY, state: '3' })
    await move(closed, 'closed')
    expect(instance.writes).toEqual([])
  })
})
