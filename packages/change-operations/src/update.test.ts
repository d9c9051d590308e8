import { clientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { addNote } from './notes.ts'
import { contextOn, problemOf } from './testing/fake-context.ts'
import { FakeInstance } from './testing/fake-instance.ts'
import type { Cell } from './testing/fake-records.ts'
import { type Update, type Updated, updateChange } from './update.ts'

const NOTE = { text: 'deployed', marker: '[gha 1]' }
const COMMENT = { text: 'hello', marker: '[gha 2]' }
let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

async function update(cells: Record<string, Cell>, more: Partial<Update>, dryRun = false) {
  const change = fake.add(cells)
  const context = contextOn(fake, { dryRun })
  const updated = await updateChange(context, { change, fields: {}, tasks: 'leave', ...more })
  return { ...updated, context }
}

const notesWritten = () => fake.writes.filter(line => line.includes('work_notes')).length

describe('an update', () => {
  it('writes what differs, with its notes, in one request', async () => {
    const fields = { priority: '1', description: 'same' }
    const { changed, change } = await update(
      { priority: '4', description: 'same' },
      { fields, workNote: NOTE, comment: COMMENT }
    )
    expect(changed).toBe(true)
    expect(fake.writes).toEqual([
      'update CHG0030001 priority=1 comments=hello [gha 2] work_notes=deployed [gha 1]'
    ])
    expect(change.fields.comments?.display).toContain('hello')
  })

  it('of what the record holds already writes nothing', async () => {
    const notes = { work_notes: ['', 'x [gha 1]'], comments: ['', 'x [gha 2]'] } as const
    const cells = { state: '-1', approval: 'approved', priority: '1', ...notes }
    const { changed, transitions } = await update(cells, {
      fields: { priority: 1 },
      workNote: NOTE,
      comment: COMMENT,
      target: 'implement'
    })
    expect({ changed, transitions }).toEqual({ changed: false, transitions: [] })
    expect(fake.log).toEqual([])
  })

  it('is refused before any write when its target is out of reach', async () => {
    const out = update({ state: '-2' }, { fields: { priority: '1' }, workNote: NOTE, target: 'closed' })
    expect((await problemOf(out, 'needs-approval')).facts).toMatchObject({
      target: 'closed',
      state: 'Scheduled'
    })
    expect(fake.log).toEqual([])
  })

  it('in a dry run tells what it would write, each once', async () => {
    const cells = { state: '-2', approval: 'approved' }
    const more = { workNote: NOTE, target: 'review', hold: { on: true, reason: 'x' } } as const
    const { context, changed, change } = await update(cells, { ...more, fields: { priority: '1' } }, true)
    expect(context.planned()).toEqual([
      { type: 'write', change, fields: ['priority', 'work_notes'] },
      { type: 'move', change, states: ['implement', 'review'] },
      { type: 'put-on-hold', change }
    ])
    const noted = await update(cells, { workNote: NOTE, target: 'review' }, true)
    expect(noted.context.planned()).toEqual([
      { type: 'move', change: noted.change, states: ['implement', 'review'] },
      { type: 'add-note', change: noted.change }
    ])
    expect(changed).toBe(false)
    expect(fake.writes).toEqual([])
  })

  it('that a rule sets back in what matters is an error, in anything else a warning', async () => {
    fake.rule = () => ({ priority: '4', assignment_group: '' })
    const critical = update({}, { fields: { assignment_group: 'd625dccec0a8016700a222a0f7900d06' } })
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
    const cells = { state: '-2', approval: 'approved' }
    await update(cells, { fields: { priority: '1' }, target: 'implement', hold, onProgress })
    expect(told).toMatchObject([
      { change: { state: '-2', onHold: false }, transitions: [], changed: true },
      { change: { state: '-1', onHold: false }, transitions: ['implement'], changed: true },
      { change: { state: '-1', onHold: true }, transitions: ['implement'], changed: true }
    ])
  })

  it('whose response was lost is not sent again when the record shows it', async () => {
    fake.fail('update', 'lost')
    expect(
      (await update({}, { fields: { priority: '1' }, workNote: NOTE })).change.fields.priority?.value
    ).toBe('1')
    expect(fake.log).toEqual(['update CHG0030001 priority=1 work_notes=deployed [gha 1]', 'check CHG0030001'])
  })

  it('closes the tasks of a change that only goes to Review with the result among its fields', async () => {
    const change = fake.add({ state: '-1', approval: 'approved' })
    const task = { sysId: 't', number: 'CTASK1', shortDescription: 'x', state: '1', type: '' }
    fake.tasks.push({ changeSysId: change.sysId, task })
    const fields = { close_code: 'unsuccessful', close_notes: 'undone', priority: '1' }
    await updateChange(contextOn(fake), { change, fields, tasks: 'close', target: 'review' })
    expect(fake.writes).toEqual([
      'update CHG0030001 close_code=unsuccessful close_notes=undone priority=1',
      'task t state=3 close_code=unsuccessful close_notes=undone',
      'update CHG0030001 state=0'
    ])
  })
})

describe('a work note is written once', () => {
  const ready = { state: '-2', approval: 'approved' }

  it('however many moves it takes', async () => {
    const { change } = await update(ready, { workNote: NOTE, target: 'closed' })
    expect(notesWritten()).toBe(1)
    expect(change.fields.work_notes?.display.split('[gha 1]')).toHaveLength(2)
  })

  it('with the fields, when there are any', async () => {
    await update(ready, { workNote: NOTE, target: 'closed', fields: { priority: '1' } })
    expect(fake.writes[0]).toContain('work_notes')
    expect(notesWritten()).toBe(1)
  })

  it.each([{ fields: {} }, { fields: { priority: '1' } }])(
    'even where the journal may not be read (%j)',
    async more => {
      fake.rule = (fields, row) => {
        delete row.work_notes
        const { work_notes: _, ...rest } = fields
        return rest
      }
      await update(ready, { workNote: NOTE, target: 'closed', ...more })
      expect(notesWritten()).toBe(1)
    }
  )

  it('alone, when there is nothing to send it with', async () => {
    await update({ state: '-1', approval: 'approved' }, { workNote: NOTE, target: 'implement' })
    expect(fake.writes).toEqual(['update CHG0030001 work_notes=deployed [gha 1]'])
  })

  it('again only when it was dropped on the way', async () => {
    fake.rule = ({ work_notes, ...fields }) => ({
      ...fields,
      ...(fields.state === undefined && { work_notes: work_notes ?? '' })
    })
    const { change } = await update(ready, { workNote: NOTE, target: 'implement' })
    expect(change.fields.work_notes?.display).toContain('[gha 1]')
    expect(fake.writes.at(-1)).toBe('update CHG0030001 work_notes=deployed [gha 1]')
  })

  it('or fails: a note that is not kept is an error', async () => {
    fake.rule = ({ work_notes: _, ...fields }) => fields
    const adding = addNote(contextOn(fake), fake.add({ state: '3' }), NOTE)
    const { facts } = await problemOf(adding, 'note-not-stored')
    expect(facts).toEqual({ note: 'work note', field: 'work_notes', state: 'Closed' })
  })

  it('and so is a comment', async () => {
    fake.rule = ({ comments: _, ...fields }) => fields
    const { facts } = await problemOf(update({}, { comment: COMMENT }), 'note-not-stored')
    expect(facts).toEqual({ note: 'comment', field: 'comments', state: 'New' })
  })
})

describe('a hold', () => {
  it('is taken off before the moves and put on after them', async () => {
    const cells = { state: '-1', approval: 'approved', on_hold: 'true', on_hold_reason: 'old' }
    await update(cells, { target: 'review', hold: { on: false, reason: '' } })
    expect(fake.writes).toEqual(['update CHG0030001 on_hold=false', 'update CHG0030001 state=0'])
    fake.log.length = 0
    await update(
      { state: '-2', approval: 'approved' },
      { target: 'implement', hold: { on: true, reason: 'freeze' } }
    )
    expect(fake.writes).toEqual([
      'update CHG0030002 state=-1',
      'update CHG0030002 on_hold=true on_hold_reason=freeze'
    ])
  })

  it('that is as it should be is not written', async () => {
    await update({ on_hold: 'true', on_hold_reason: 'freeze' }, { hold: { on: true, reason: 'freeze' } })
    await update({}, { hold: { on: false, reason: '' } })
    expect(fake.log).toEqual([])
  })

  it('that the instance does not make, or does not end, is an error', async () => {
    fake.rule = ({ on_hold: _, on_hold_reason: __, ...fields }) => fields
    const on = update({}, { hold: { on: true, reason: 'freeze' } })
    expect((await problemOf(on, 'not-on-hold')).facts).toEqual({ state: 'New' })
    const off = update({ on_hold: 'true' }, { hold: { on: false, reason: '' } })
    expect((await problemOf(off, 'still-on-hold')).facts).toEqual({ state: 'New' })
  })

  it('that is refused is that problem', async () => {
    fake.fail('update', clientProblem('data-policy', { operation: 'holding', status: 403 }))
    await problemOf(update({}, { hold: { on: true, reason: '' } }), 'data-policy')
  })
})
