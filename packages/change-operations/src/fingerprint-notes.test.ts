import type { GatePolicy } from '@change-actions/change-control'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { editFacts, fingerprintNote } from './fingerprint-notes.ts'
import { addNote } from './notes.ts'
import { notesByText, type OwnNotes } from './own/own-notes.ts'
import { contextOn } from './testing/context.ts'
import { createOn, GIVEN } from './testing/creation.ts'
import { IDENTITY } from './testing/deployment.ts'
import { APIS, startInstance, type TestInstance } from './testing/instance.ts'
import type { Fields } from './testing/records.ts'
import { waitForApproval } from './wait/wait.ts'

const POLICY: GatePolicy = {
  proceedStates: ['scheduled'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: false
}
const APPROVED = { state: '-2', approval: 'approved' }

const OWN = { identity: IDENTITY, takeOver: false, runIsOver: async () => undefined, ofJob: false }

let instance: TestInstance

/** A change that was submitted by a step, then approved, and edited. */
async function submitted(edits: Fields = {}) {
  const { change } = await createOn(instance)
  if (change === undefined) throw new Error('no change')
  instance.set(change, { ...APPROVED, ...edits })
  return change
}

function wait(sysId: string, editsAfterSubmission: 'ignore' | 'warn' | 'refuse') {
  const context = contextOn(instance)
  const policy = { ...POLICY, editsAfterSubmission }
  const waited = waitForApproval(context, { sysId, timeoutMs: 0, intervalMs: 60_000, policy, own: OWN })
  return { context, waited }
}

const noted = async (sysId: string) => {
  const change = await instance.read({ sysId })
  return editFacts(change, notesByText(change, IDENTITY))
}

describe.each(APIS)('what was submitted (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is noted with the submission, in no request of its own', async () => {
    const { sysId } = await submitted()
    expect(instance.writes).toEqual([
      expect.stringMatching(/^create/),
      'update CHG0030001 state=-4 work_notes=fingerprint'
    ])
    expect(await noted(sysId)).toEqual({ edited: [], window: undefined })
  })

  it('is what the instance made of it: a rule that edits with the submission is no edit', async () => {
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'Prefix',
      run: ({ after, before }) =>
        before !== undefined && before.state !== after.state && after.state === '-4'
          ? { short_description: `[CAB] ${after.short_description}` }
          : undefined
    })
    const { sysId } = await submitted()
    expect(instance.stored({ sysId }).short_description).toMatch(/^\[CAB\]/)
    expect(await noted(sysId)).toEqual({ edited: [], window: undefined })
  })

  it.each([
    ['short_description', 'Deploy something else'],
    ['description', 'More'],
    ['implementation_plan', 'x'],
    ['backout_plan', 'x'],
    ['test_plan', 'x'],
    ['type', 'emergency']
  ])('is known by its hash: an edited %s', async (field, value) => {
    const { sysId } = await submitted({ [field]: value })
    expect((await noted(sysId)).edited).toEqual([field])
  })

  it('does not differ by line breaks alone, nor by fields that are not in it', async () => {
    const { change } = await createOn(instance, { given: { ...GIVEN, description: 'a\nb' } })
    instance.set({ sysId: change?.sysId ?? '' }, { description: 'a\r\nb', assigned_to: '', impact: '1' })
    expect((await noted(change?.sysId ?? '')).edited).toEqual([])
  })

  it('is told of a moved window, which is no edit and is obeyed', async () => {
    const { sysId } = await submitted({ start_date: '2020-01-01 00:00:00', end_date: '2099-01-01 00:00:00' })
    const { context, waited } = wait(sysId, 'warn')
    expect(await waited).toMatchObject({ outcome: 'approved' })
    expect(context.told('window-moved')).toMatchObject([
      { from: { plannedStart: undefined }, to: { plannedStart: Date.UTC(2020, 0, 1) } }
    ])
    instance.set({ sysId }, { end_date: '2020-01-02 00:00:00' })
    expect(await wait(sysId, 'refuse').waited).toMatchObject({ outcome: 'window-closed' })
  })

  it.each([
    ['ignore', 'approved', []],
    ['warn', 'approved', [['description']]],
    ['refuse', 'edited', []]
  ] as const)('and was edited: %s', async (policy, outcome, told) => {
    const { sysId } = await submitted({ description: 'Another one' })
    const { context, waited } = wait(sysId, policy)
    expect(await waited).toMatchObject({ outcome, polls: 1 })
    expect(context.told('edited-after-submission').map(event => event.fields)).toEqual(told)
  })

  it.each([
    ['ignore', 'approved', 0],
    ['warn', 'approved', 1],
    ['refuse', 'edited', 0]
  ] as const)('and was never noted: %s', async (policy, outcome, warnings) => {
    const { sysId } = await instance.add(APPROVED)
    const { context, waited } = wait(sysId, policy)
    expect(await waited).toMatchObject({ outcome })
    const told = context.told('edited-after-submission')
    expect(told.map(event => event.fields)).toEqual(Array(warnings).fill(undefined))
  })

  it('counts as it was noted last, after a change was submitted again', async () => {
    const change = await submitted({ description: 'Corrected' })
    await addNote(contextOn(instance), change, fingerprintNote(await instance.read(change), IDENTITY))
    expect((await noted(change.sysId)).edited).toEqual([])
  })

  it('is noted anew while nobody is asked yet, and not once somebody is', async () => {
    const { change } = await createOn(instance)
    if (change === undefined) throw new Error('no change')
    const context = contextOn(instance)
    const asked = { state: '-4', approval: 'requested' }
    instance.set(change, { state: '-4', approval: 'not requested', description: 'By a rule' })
    context.at(60_000, () => {
      for (const row of instance.sandbox.approvers(change.number))
        instance.sandbox.set('sysapproval_approver', row.sys_id, { state: 'requested' })
      instance.addApprover(change, { name: 'Anna Approver' })
      instance.set(change, asked)
    })
    context.at(120_000, () => instance.set(change, { test_plan: 'By somebody' }))
    context.at(180_000, () => instance.set(change, APPROVED))
    const policy = { ...POLICY, editsAfterSubmission: 'warn' } as const
    const order = { sysId: change.sysId, timeoutMs: 600_000, intervalMs: 20_000, policy, own: OWN }
    expect(await waitForApproval(context, order)).toMatchObject({ outcome: 'approved' })
    expect(context.told('edited-after-submission').map(event => event.fields)).toEqual([['test_plan']])
  })

  it('is of one change: copied to another it fits nothing', async () => {
    const first = await submitted()
    const { work_notes } = (await instance.read(first)).fields
    const { short_description = '' } = instance.stored(first)
    const other = await instance.add({ ...APPROVED, short_description }, [work_notes?.display ?? ''])
    expect((await noted(other.sysId)).edited).toContain('short_description')
  })

  it('is not known where the notes are not proved to be ours, unless they differ', async () => {
    const change = await submitted()
    const read = await instance.read(change)
    const unproved = notesByText(read, IDENTITY)
    expect(editFacts(read, unproved).edited).toEqual([])
    expect(editFacts(read, unproved, 'needed').edited).toBeUndefined()
    instance.set(change, { description: 'Another one' })
    expect(editFacts(await instance.read(change), unproved, 'needed').edited).toEqual(['description'])
    const none: OwnNotes = { proved: true, claims: [], marks: () => [] }
    expect(editFacts(read, none).edited).toBeUndefined()
  })

  it('that cannot be noted is a warning, and the change is submitted', async () => {
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'No notes',
      run: ({ after }) => (after.work_notes === undefined ? undefined : { work_notes: '' })
    })
    const { context, change } = await createOn(instance)
    expect(change?.state).toBe('-4')
    expect(context.told('fields-not-noted')).toHaveLength(1)
  })
})
