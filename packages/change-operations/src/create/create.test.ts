import { seedId } from '@change-actions/sandbox'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { noteText } from '../notes.ts'
import { bindingNote } from '../own/binding-note.ts'
import { problemOf } from '../testing/context.ts'
import { createOn, FIND, GIVEN } from '../testing/creation.ts'
import { BOUND, DEPLOYMENT } from '../testing/deployment.ts'
import { APIS, LOST, startInstance, type TestInstance } from '../testing/instance.ts'
import { GROUP } from '../testing/records.ts'
import type { CreateRequest } from './request.ts'

/** The change model "Normal". */
const MODEL = '007c4001c343101035ae3f52c1d3aeb2'
const OTHER_GROUP = seedId('sys_user_group', 'platform-team')
let instance: TestInstance

const create = (more: Partial<CreateRequest> = {}, dryRun = false) => createOn(instance, more, {}, dryRun)

describe.each(APIS)('a plan that is over (%s)', api => {
  const past = { ...GIVEN, end_date: '2020-01-01 00:00:00' }
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is refused before anything is created', async () => {
    const { facts, subject } = await problemOf(create({ given: past, windowBinds: true }), 'plan-over')
    expect(facts).toEqual({ plannedEnd: '2020-01-01 00:00:00' })
    expect(subject).toBeUndefined()
    expect(instance.writes).toEqual([])
    expect(instance.sandbox.rows('change_request')).toEqual([])
  })

  it('is refused in a dry run as well', async () => {
    await problemOf(create({ given: past, windowBinds: true }, true), 'plan-over')
  })

  it('does not keep an existing change from being reused: the wait judges its window', async () => {
    const { end_date } = past
    instance.plant({ correlation_id: 'gha-1', state: '-2', approval: 'approved', end_date })
    expect((await create({ given: past, windowBinds: true })).created).toBe(false)
  })

  it('keeps approval from being requested for an existing draft', async () => {
    const draft = instance.plant({ correlation_id: 'gha-1', state: '-5' })
    await problemOf(create({ given: past, windowBinds: true }), 'plan-over')
    expect(instance.stored(draft).state).toBe('-5')
  })

  it('may be recorded after the fact: with a warning, or without when no approval is requested', async () => {
    const { created, context } = await create({ given: past })
    expect(created).toBe(true)
    expect(context.told('plan-over')).toEqual([{ type: 'plan-over', plannedEnd: '2020-01-01 00:00:00' }])
    instance = startInstance({ api })
    const quiet = await create({ given: past, windowBinds: true, requestApproval: false })
    expect(quiet.created).toBe(true)
    expect(quiet.context.told('plan-over')).toEqual([])
  })

  it('is over from its very last second on', async () => {
    const last = { ...GIVEN, end_date: '2026-11-21 12:00:00' }
    await problemOf(create({ given: last, windowBinds: true }), 'plan-over')
    const later = { ...GIVEN, end_date: '2026-11-21 12:00:01' }
    expect((await create({ given: later, windowBinds: true })).created).toBe(true)
  })
})

describe.each(APIS)('a new change (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is made in New, told at once, given its files, and submitted after a second check for duplicates', async () => {
    const { change, created, context } = await create({ references: { assignment_group: 'DevOps Team' } })
    expect(created).toBe(true)
    expect(change).toMatchObject({ number: 'CHG0030001', state: '-4' })
    expect(instance.log).toEqual([
      'look-up sys_user_group name=DevOps Team^active=true',
      FIND,
      `create normal short_description=Deploy shop assignment_group=${GROUP} correlation_id=gha-1`,
      'told CHG0030001 -5 true',
      'attach to CHG0030001',
      FIND,
      'update CHG0030001 state=-4 work_notes=fingerprint',
      'told CHG0030001 -4 true'
    ])
    expect(context.events.map(event => event.type)).toEqual(['change-created', 'moved'])
    expect(context.told('change-created')[0]?.change).toMatchObject({ number: 'CHG0030001', state: '-5' })
    instance.clock.advance(1_000)
    expect(instance.stored('CHG0030001').approval).toBe('requested')
  })

  it.each([
    ['emergency', { type: 'emergency' }, '-3'],
    ['normal', { type: 'normal' }, '-4']
  ])('that is %s is submitted the way its type goes', async (_, about, state) => {
    expect((await create(about)).change).toMatchObject({ ...about, state })
  })

  it('stays in New when approval is not to be requested', async () => {
    expect((await create({ requestApproval: false })).change?.state).toBe('-5')
    expect(instance.stored('CHG0030001').state).toBe('-5')
  })

  it('stays in New when approval is for a person to request', async () => {
    const { change, context } = await create({ type: 'standard', correlationId: 'gha-2' })
    expect(change).toMatchObject({ state: '-5', type: 'standard', fromTemplate: false })
    expect(context.told('left-in-new')).toEqual([{ type: 'left-in-new', change }])
  })

  it('carries note, commit and generated defaults', async () => {
    const note = { text: 'made by run 42', marker: '[gha 1]' }
    const { change } = await create({
      note,
      generated: { description: 'by run 42' }
    })
    expect(change?.correlationDisplay).toBe(BOUND)
    expect(change?.fields.description?.value).toBe('by run 42')
    expect(change?.fields.work_notes?.display).toContain('made by run 42\n[gha 1]')
    const text = `made by run 42\n[gha 1]\n\n${noteText(bindingNote(DEPLOYMENT, 'bound'))}`
    expect(instance.sandbox.journal('CHG0030001')).toMatchObject([
      { text },
      { text: expect.stringMatching(/^Fields as they were submitted/) }
    ])
  })

  it('is not made when a name is unknown, and the first in order is told', async () => {
    // Two groups have this name.
    const references = { assignment_group: 'Operations', assigned_to: 'nobody' }
    const { facts } = await problemOf(create({ references, choices: { risk: 'lowish' } }), 'lookup-many')
    expect(facts).toMatchObject({ kind: 'assignment group', name: 'Operations' })
    expect(instance.writes).toEqual([])
  })

  it('whose response was lost is found by its correlation id', async () => {
    instance.plant({ correlation_id: 'gha-1', state: '4' })
    instance.fail('create', LOST)
    const { change, created } = await create()
    expect({ number: change?.number, created }).toEqual({ number: 'CHG0030002', created: true })
    expect(instance.sandbox.rows('change_request')).toHaveLength(2)
  })

  it('whose request was lost is made, once', async () => {
    instance.fail('create', { kind: 'reset' })
    expect((await create()).change).toMatchObject({ number: 'CHG0030001', state: '-4' })
    expect(instance.sandbox.rows('change_request')).toHaveLength(1)
  })

  it('that reads otherwise than it was sent in what approvers decide on is not submitted', async () => {
    const run = () => ({ assignment_group: OTHER_GROUP })
    instance.sandbox.addRule({ table: 'change_request', name: 'One group for all', run })
    const problem = await problemOf(
      create({ references: { assignment_group: 'DevOps Team' } }),
      'not-applied'
    )
    const { sys_id: sysId, state } = instance.stored('CHG0030001')
    expect(problem.subject).toEqual({ kind: 'change', number: 'CHG0030001', sysId })
    expect(problem.facts).toMatchObject({
      during: 'create',
      differences: [{ field: 'assignment_group', sent: GROUP, got: OTHER_GROUP }]
    })
    expect(instance.writes).toHaveLength(1)
    expect(state).toBe('-5')
  })

  it('that reads otherwise in anything else is submitted, with a warning for what the user gave', async () => {
    instance = startInstance({ api, computedPriority: true })
    const given = { ...GIVEN, priority: '1', u_batch: '7' }
    const { change, context } = await create({ given, generated: { u_gone: 'x' } })
    expect(change?.state).toBe('-4')
    expect(context.told('field-not-applied').map(event => event.difference)).toMatchObject([
      { field: 'priority', sent: '1', got: '4' },
      { field: 'u_batch', sent: '7', got: undefined }
    ])
  })
})

describe('a new change by a model', () => {
  it('is submitted the way its model goes', async () => {
    instance = startInstance()
    const { change } = await create({ model: MODEL, type: 'normal' })
    expect(change).toMatchObject({ state: '-4', fields: { chg_model: { value: MODEL } } })
    expect(instance.writes[0]).toMatch(/^create modelled Normal /)
  })
})

describe.each(APIS)('a dry run (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('of a new change tells what it would do, and writes nothing', async () => {
    const { change, created, context } = await create({ choices: { risk: 'low' } }, true)
    expect({ change, created }).toEqual({ change: undefined, created: false })
    expect(instance.log.filter(line => !line.startsWith('look-up'))).toEqual([FIND, 'attach to undefined'])
    const note = noteText(bindingNote(DEPLOYMENT, 'bound'))
    const bound = { correlation_display: BOUND, work_notes: note }
    const fields = { ...GIVEN, risk: '4', correlation_id: 'gha-1', ...bound }
    expect(context.planned()).toEqual([
      { type: 'create', kind: 'normal', template: undefined, fields },
      { type: 'move', change: undefined, states: ['assess'] }
    ])
    expect(instance.sandbox.rows('change_request')).toEqual([])
  })

  it('of a new change by model or template names these, and no move that a person makes', async () => {
    const byTemplate = await create({ template: 'app-deployment-template' }, true)
    expect(byTemplate.context.planned()).toMatchObject([
      { type: 'create', kind: 'standard', template: 'app-deployment-template' },
      { type: 'move', states: ['scheduled'] }
    ])
    const byModel = await create({ model: MODEL }, true)
    expect(byModel.context.planned()).toMatchObject([{ type: 'create', kind: undefined }])
    const left = await create({ requestApproval: false }, true)
    expect(left.context.planned()).toMatchObject([{ type: 'create', kind: 'normal' }])
  })

  it('of an existing one tells what it would bring up to date', async () => {
    instance.plant({ correlation_id: 'gha-1', short_description: 'Old' })
    instance.plant({ correlation_id: 'gha-1' })
    const { change, context } = await create({}, true)
    expect(change?.number).toBe('CHG0030001')
    expect(instance.writes).toEqual([])
    expect(context.planned()).toMatchObject([
      { type: 'cancel-duplicate', change: { number: 'CHG0030002' } },
      { type: 'write', change: { number: 'CHG0030001' }, fields: ['short_description'] },
      { type: 'move', change: { number: 'CHG0030001' }, states: ['assess'] }
    ])
  })

  it('fails where the real one would', async () => {
    await problemOf(create({ references: { assignment_group: 'Nobody' } }, true), 'lookup-none')
    instance.plant({ correlation_id: 'gha-1', type: 'emergency' })
    await problemOf(create({}, true), 'differs')
    expect(instance.writes).toEqual([])
  })
})
