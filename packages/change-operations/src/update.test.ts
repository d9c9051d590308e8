import { seedId } from '@change-actions/sandbox'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { addNote } from './notes.ts'
import { contextOn, problemOf } from './testing/context.ts'
import { APIS, LOST, startInstance, type TestInstance } from './testing/instance.ts'
import { type Update, type Updated, updateChange } from './update.ts'

const NOTE = { text: 'deployed', marker: '[gha 1]' }
const COMMENT = { text: 'hello', marker: '[gha 2]' }
const OTHER_GROUP = seedId('sys_user_group', 'platform-team')
const APPROVED = { state: '-2', approval: 'approved' }
const CLOSING = { close_code: 'successful', close_notes: 'fine' }
let instance: TestInstance

async function update(
  fields: Record<string, string>,
  more: Partial<Update>,
  { dryRun = false, notes = [] as string[] } = {}
) {
  const change = await instance.add(fields, notes)
  const context = contextOn(instance, { dryRun })
  const updated = await updateChange(context, { change, fields: {}, tasks: 'leave', ...more })
  return { ...updated, context }
}

const notesWritten = () => instance.writes.filter(line => line.includes('work_notes')).length
const notesOf = (number: string) => instance.sandbox.journal(number).map(note => note.text)

describe.each(APIS)('an update (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('writes what differs, with its notes, in one request', async () => {
    const fields = { priority: '1', description: 'same' }
    const { changed, change } = await update(
      { priority: '4', description: 'same' },
      { fields, workNote: NOTE, comment: COMMENT }
    )
    expect(changed).toBe(true)
    expect(instance.writes).toEqual([
      'update CHG0030001 priority=1 comments=hello [gha 2] work_notes=deployed [gha 1]'
    ])
    expect(change.fields.comments?.display).toContain('hello')
    expect(instance.stored(change).priority).toBe('1')
    expect(notesOf('CHG0030001')).toEqual(['deployed\n[gha 1]'])
  })

  it('of what the record holds already writes nothing', async () => {
    const fields = { state: '-1', approval: 'approved', priority: '1', comments: 'x [gha 2]' }
    const more = { fields: { priority: 1 }, workNote: NOTE, comment: COMMENT, target: 'implement' } as const
    const { changed, transitions } = await update(fields, more, { notes: ['x [gha 1]'] })
    expect({ changed, transitions }).toEqual({ changed: false, transitions: [] })
    expect(instance.log).toEqual([])
  })

  it('is refused before any write when its target is out of reach', async () => {
    const out = update({ state: '-2' }, { fields: { priority: '1' }, workNote: NOTE, target: 'closed' })
    expect((await problemOf(out, 'needs-approval')).facts).toMatchObject({
      target: 'closed',
      state: 'Scheduled'
    })
    expect(instance.log).toEqual([])
  })

  it('in a dry run tells what it would write, each once', async () => {
    const more = { workNote: NOTE, target: 'review', hold: { on: true, reason: 'x' } } as const
    const dryRun = { dryRun: true }
    const { context, changed, change } = await update(
      APPROVED,
      { ...more, fields: { priority: '1' } },
      dryRun
    )
    expect(context.planned()).toEqual([
      { type: 'write', change, fields: ['priority', 'work_notes'] },
      { type: 'move', change, states: ['implement', 'review'] },
      { type: 'put-on-hold', change }
    ])
    const noted = await update(APPROVED, { workNote: NOTE, target: 'review' }, dryRun)
    expect(noted.context.planned()).toEqual([
      { type: 'move', change: noted.change, states: ['implement', 'review'] },
      { type: 'add-note', change: noted.change }
    ])
    expect(changed).toBe(false)
    expect(instance.writes).toEqual([])
  })

  it('that a rule sets back in what matters is an error, in anything else a warning', async () => {
    const run = () => ({ priority: '4', assignment_group: '' })
    instance.sandbox.addRule({ table: 'change_request', name: 'Set back', run })
    const critical = update({}, { fields: { assignment_group: OTHER_GROUP } })
    const { facts, subject } = await problemOf(critical, 'not-applied')
    expect(subject?.number).toBe('CHG0030001')
    expect(facts).toMatchObject({ during: 'update', differences: [{ field: 'assignment_group', got: '' }] })
    const { context } = await update({}, { fields: { priority: '1' } })
    expect(context.told('field-not-applied')).toMatchObject([
      { change: { number: 'CHG0030002' }, difference: { field: 'priority', sent: '1', got: '4' } }
    ])
  })

  it('with a name that the instance knows no record for is an error, whatever the field', async () => {
    const { facts } = await problemOf(update({}, { fields: { assigned_to: 'Nobody' } }), 'not-applied')
    expect(facts.differences).toMatchObject([{ field: 'assigned_to', unresolved: true, critical: false }])
  })

  it('tells after every write what is done so far', async () => {
    const told: Updated[] = []
    const onProgress = (updated: Updated) =>
      void told.push({ ...updated, transitions: [...updated.transitions] })
    const hold = { on: true, reason: 'freeze' }
    await update(APPROVED, { fields: { priority: '1' }, target: 'implement', hold, onProgress })
    expect(told).toMatchObject([
      { change: { state: '-2', onHold: false }, transitions: [], changed: true },
      { change: { state: '-1', onHold: false }, transitions: ['implement'], changed: true },
      { change: { state: '-1', onHold: true }, transitions: ['implement'], changed: true }
    ])
  })

  it('whose response was lost is not sent again when the record shows it', async () => {
    instance.fail('update', LOST)
    const { change } = await update({}, { fields: { priority: '1' }, workNote: NOTE })
    expect(change.fields.priority?.value).toBe('1')
    expect(instance.log).toEqual([
      'update CHG0030001 priority=1 work_notes=deployed [gha 1]',
      'get CHG0030001'
    ])
    expect(notesOf('CHG0030001')).toHaveLength(1)
  })

  it('closes the tasks of a change that only goes to Review with the result among its fields', async () => {
    const change = await instance.add({ state: '-1', approval: 'approved' })
    const task = instance.addTask(change)
    const fields = { close_code: 'unsuccessful', close_notes: 'undone', priority: '1' }
    await updateChange(contextOn(instance), { change, fields, tasks: 'close', target: 'review' })
    expect(instance.writes).toEqual([
      'update CHG0030001 close_code=unsuccessful close_notes=undone priority=1',
      `task ${task} state=3 close_code=unsuccessful close_notes=undone`,
      'update CHG0030001 state=0'
    ])
  })
})

describe.each(APIS)('a work note is written once (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('however many moves it takes', async () => {
    const { change } = await update(APPROVED, { workNote: NOTE, target: 'closed', closing: CLOSING })
    expect(notesWritten()).toBe(1)
    expect(change.fields.work_notes?.display.split('[gha 1]')).toHaveLength(2)
    expect(notesOf(change.number)).toHaveLength(1)
  })

  it('with the fields, when there are any', async () => {
    const fields = { priority: '1' }
    await update(APPROVED, { workNote: NOTE, target: 'closed', closing: CLOSING, fields })
    expect(instance.writes[0]).toContain('work_notes')
    expect(notesWritten()).toBe(1)
  })

  it.each([{ fields: {} }, { fields: { priority: '1' } }])(
    'even where the journal may not be read (%j)',
    async more => {
      instance = startInstance({ api, unreadableFields: ['work_notes'] })
      await update(APPROVED, { workNote: NOTE, target: 'closed', closing: CLOSING, ...more })
      expect(notesWritten()).toBe(1)
      expect(notesOf('CHG0030001')).toHaveLength(1)
    }
  )

  it('alone, when there is nothing to send it with', async () => {
    await update({ state: '-1', approval: 'approved' }, { workNote: NOTE, target: 'implement' })
    expect(instance.writes).toEqual(['update CHG0030001 work_notes=deployed [gha 1]'])
  })

  it('again only when it was dropped on the way', async () => {
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'No notes with a move',
      run: ({ before, after }) => (before?.state === after.state ? undefined : { work_notes: '' })
    })
    const { change } = await update(APPROVED, { workNote: NOTE, target: 'implement' })
    expect(change.fields.work_notes?.display).toContain('[gha 1]')
    expect(instance.writes.at(-1)).toBe('update CHG0030001 work_notes=deployed [gha 1]')
    expect(notesOf('CHG0030001')).toHaveLength(1)
  })

  it('or fails: a note that is not kept is an error', async () => {
    // A closed change takes no notes.
    const adding = addNote(contextOn(instance), await instance.add({ state: '3', ...CLOSING }), NOTE)
    const { facts } = await problemOf(adding, 'note-not-stored')
    expect(facts).toEqual({ note: 'work note', field: 'work_notes', state: 'Closed' })
  })

  it('a comment whose write was carried out and not confirmed is written once', async () => {
    instance.fail('update', LOST)
    const { change } = await update({}, { comment: COMMENT })
    expect(change.fields.comments?.display).toContain('hello')
    expect(instance.log.filter(line => line.startsWith('update'))).toHaveLength(1)
  })

  it('a comment that was lost with its request is sent again', async () => {
    instance.fail('update', { kind: 'reset' })
    const { change } = await update({}, { comment: COMMENT })
    expect(change.fields.comments?.display).toContain('hello')
    expect(instance.log.filter(line => line.startsWith('update'))).toHaveLength(2)
  })

  it('and so is a comment', async () => {
    const run = () => ({ comments: '' })
    instance.sandbox.addRule({ table: 'change_request', name: 'No comments', run })
    const { facts } = await problemOf(update({}, { comment: COMMENT }), 'note-not-stored')
    expect(facts).toEqual({ note: 'comment', field: 'comments', state: 'New' })
  })
})

describe.each(APIS)('a hold (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is taken off before the moves and put on after them', async () => {
    const fields = { state: '-1', approval: 'approved', on_hold: 'true', on_hold_reason: 'old' }
    await update(fields, { target: 'review', hold: { on: false, reason: '' } })
    expect(instance.writes).toEqual(['update CHG0030001 on_hold=false', 'update CHG0030001 state=0'])
    instance.forget()
    await update(APPROVED, { target: 'implement', hold: { on: true, reason: 'freeze' } })
    expect(instance.writes).toEqual([
      'update CHG0030002 state=-1',
      'update CHG0030002 on_hold=true on_hold_reason=freeze'
    ])
    expect(instance.stored('CHG0030002')).toMatchObject({
      state: '-1',
      on_hold: 'true',
      on_hold_reason: 'freeze'
    })
  })

  it('that is as it should be is not written', async () => {
    await update({ on_hold: 'true', on_hold_reason: 'freeze' }, { hold: { on: true, reason: 'freeze' } })
    await update({}, { hold: { on: false, reason: '' } })
    expect(instance.log).toEqual([])
  })

  it('that the instance does not make, or does not end, is an error', async () => {
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'Holds are for managers',
      run: ({ before }) => ({ on_hold: before?.on_hold ?? '', on_hold_reason: before?.on_hold_reason ?? '' })
    })
    const on = update({}, { hold: { on: true, reason: 'freeze' } })
    expect((await problemOf(on, 'not-on-hold')).facts).toEqual({ state: 'New' })
    const held = { on_hold: 'true', on_hold_reason: 'freeze' }
    const off = update(held, { hold: { on: false, reason: '' } })
    expect((await problemOf(off, 'still-on-hold')).facts).toEqual({ state: 'New' })
  })

  it('that is refused is that problem', async () => {
    await problemOf(update({}, { hold: { on: true, reason: '' } }), 'data-policy')
    expect(instance.stored('CHG0030001').on_hold).toBe('false')
  })
})
