import { beforeEach, describe, expect, it } from '@jest/globals'
import { problemOf } from '../testing/context.ts'
import { createOn } from '../testing/creation.ts'
import {
  APIS,
  type InstanceOptions,
  LOST,
  momentAt,
  startInstance,
  type TestInstance
} from '../testing/instance.ts'
import { GROUP } from '../testing/records.ts'
import type { CreateRequest } from './request.ts'

const TEMPLATE = 'Deploy the app'
const GIVEN = { short_description: 'Deploy shop', description: 'mine', start_date: '2026-12-01 22:00:00' }
const NOTE = { text: 'run 42', marker: '[gha 1]' }
/** What a killed job leaves between making a change from the template and writing the rest. */
const HALF_MADE = {
  type: 'standard',
  short_description: 'Deploy shop',
  std_change_producer_version: 'v9',
  assignment_group: ''
}
let instance: TestInstance

/** An instance with a template that takes these fields from the caller. */
function start(options: InstanceOptions = {}, fields: readonly string[] = ['short_description']): void {
  instance = startInstance(options)
  instance.sandbox.insert('std_change_record_producer', {
    name: TEMPLATE,
    active: 'true',
    current_version: 'v9',
    template: fields.map(name => `${name}=^`).join('')
  })
}

const create = (more: Partial<CreateRequest> = {}) =>
  createOn(instance, { template: TEMPLATE, given: GIVEN, ...more })

describe('a standard change', () => {
  beforeEach(() => start())

  it('takes only its template’s fields; the rest is written afterwards, but for what the template owns', async () => {
    const { change, context } = await create({ note: NOTE, generated: { justification: 'generated' } })
    expect(instance.writes).toEqual([
      expect.stringMatching(
        /^create from Deploy the app short_description=Deploy shop description=mine start_date=/
      ),
      'update CHG0030001 start_date=2026-12-01 22:00:00 correlation_id=gha-1 work_notes=run 42 [gha 1]',
      'update CHG0030001 state=-2 work_notes=fingerprint'
    ])
    expect(change).toMatchObject({
      type: 'standard',
      state: '-2',
      approval: 'approved',
      correlationId: 'gha-1'
    })
    expect(context.told('field-not-applied').map(event => event.difference)).toMatchObject([
      { field: 'description', sent: 'mine' }
    ])
  })

  it('takes everything at once on the Table API, generated defaults as well', async () => {
    start({ api: 'table' })
    const { change } = await create({ note: NOTE, generated: { justification: 'generated' } })
    expect(instance.writes).toEqual([
      expect.stringMatching(/^create from Deploy the app justification=generated short_description=/),
      'update CHG0030001 state=-2 work_notes=fingerprint'
    ])
    expect(change).toMatchObject({
      type: 'standard',
      state: '-2',
      approval: 'approved',
      correlationId: 'gha-1',
      fromTemplate: true
    })
    expect(instance.sandbox.journal('CHG0030001').map(note => note.text)).toEqual([
      expect.stringMatching(/^run 42\n\[gha 1\]\n\nThis change is bound to:/),
      expect.stringContaining('[gha2 fields ')
    ])
  })

  it.each([
    ['one field', ['short_description', 'start_date'], 'update CHG0030001 correlation_id=gha-1'],
    [
      'the note alone',
      ['short_description', 'start_date', 'correlation_id'],
      'update CHG0030001 work_notes=run 42 [gha 1]'
    ]
  ])('whose template dropped %s has just that written afterwards', async (_, fields, written) => {
    start({}, fields)
    await create(fields.includes('correlation_id') ? { note: NOTE } : {})
    expect(instance.writes.slice(1)).toEqual([written, 'update CHG0030001 state=-2 work_notes=fingerprint'])
  })

  it('whose template dropped nothing is submitted at once', async () => {
    start({}, ['short_description', 'start_date', 'correlation_id', 'correlation_display', 'work_notes'])
    await create({ note: NOTE })
    expect(instance.writes.slice(1)).toEqual(['update CHG0030001 state=-2 work_notes=fingerprint'])
  })

  it('whose completion got no response is not completed again', async () => {
    instance.fail('update', LOST)
    expect((await create({ note: NOTE })).change?.state).toBe('-2')
    expect(instance.log.filter(line => line.startsWith('get'))).toEqual(['get CHG0030001'])
    expect(instance.writes.slice(1)).toEqual([
      expect.stringContaining('correlation_id=gha-1'),
      'update CHG0030001 state=-2 work_notes=fingerprint'
    ])
  })

  it('whose completion was lost, or not carried out to the end, is completed again', async () => {
    instance.fail('update', { kind: 'no-answer' })
    expect((await create({ note: NOTE })).change?.state).toBe('-2')
    const [, first, second] = instance.writes
    expect(first).toContain('correlation_id=gha-1')
    expect(second).toBe(first)
    instance.forget()
    instance.fail('update', { kind: 'no-answer', committed: true, times: 5 })
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'No planned start',
      run: () => ({ start_date: '' })
    })
    await problemOf(create({ correlationId: 'gha-2' }), 'request-timeout')
    expect(instance.writes.slice(1)).toHaveLength(5)
  })
})

describe.each(APIS)('a standard change whose creation got no response (%s)', api => {
  beforeEach(() => start({ api }))

  it('is known by title, template, age and emptiness', async () => {
    instance.plant({ ...HALF_MADE, std_change_producer_version: 'v8' })
    instance.fail('create', LOST)
    const { change } = await create()
    expect(change).toMatchObject({ number: 'CHG0030002', correlationId: 'gha-1' })
    expect(instance.sandbox.rows('change_request')).toHaveLength(2)
  })

  it('is not taken for a draft that was there before', async () => {
    instance.plant(HALF_MADE)
    instance.clock.advance(60_000)
    instance.fail('create', { kind: 'no-answer', times: 5 })
    await problemOf(create(), 'request-timeout')
    expect(instance.sandbox.rows('change_request')).toHaveLength(1)
  })

  it.each([
    [5_000, true],
    [6_000, false]
  ])('may be a draft %d ms older: %j', async (ageMs, isFound) => {
    instance.plant({ ...HALF_MADE, sys_created_on: momentAt(-ageMs) })
    instance.fail('create', { kind: 'no-answer', times: 5 })
    const made = create()
    if (isFound) expect((await made).change?.number).toBe('CHG0030001')
    else await problemOf(made, 'request-timeout')
  })
})

describe('a standard change whose creation got no response', () => {
  it('is not guessed where two could be meant', async () => {
    start({ maxRetries: 0 })
    instance.after('create', () => void instance.plant(HALF_MADE))
    instance.fail('create', { kind: 'no-answer', committed: true })
    await problemOf(create(), 'request-timeout')
    expect(instance.sandbox.rows('change_request').map(row => row.correlation_id)).toEqual(['', ''])
  })
})

describe.each(APIS)('a standard change left half made (%s)', api => {
  beforeEach(() => start({ api }))

  it('by an earlier attempt is resumed', async () => {
    instance.plant(HALF_MADE)
    const { change, created, context } = await create({ retried: true })
    expect({ number: change?.number, created, id: change?.correlationId }).toEqual({
      number: 'CHG0030001',
      created: true,
      id: 'gha-1'
    })
    expect(instance.writes.some(line => line.startsWith('create'))).toBe(false)
    expect(instance.sandbox.rows('change_request')).toHaveLength(1)
    expect(context.told('draft-resumed')).toMatchObject([{ change: { number: 'CHG0030001' } }])
    expect(instance.log.filter(line => line.startsWith('told'))).toEqual([
      'told CHG0030001 -5 true',
      'told CHG0030001 -2 true'
    ])
    expect(context.told('change-created')).toEqual([])
  })

  it.each<[string, Partial<CreateRequest>]>([
    ['a first attempt', {}],
    ['an attempt that is to make a new change', { retried: true, reuse: false }],
    [
      'an attempt without a template',
      { retried: true, template: undefined, given: { ...GIVEN, assignment_group: GROUP } }
    ]
  ])('is not resumed by %s', async (_, more) => {
    const draft = instance.plant(HALF_MADE)
    const { change, created } = await create(more)
    expect({ number: change?.number, created }).toEqual({ number: 'CHG0030002', created: true })
    expect(instance.stored(draft)).toMatchObject({ state: '-5', correlation_id: '' })
  })

  it.each([
    ['by somebody else', { sys_created_by: 'dora.devops' }],
    ['with another title', { short_description: 'Deploy till' }],
    ['and submitted since', { state: '-2' }],
    ['of another type', { type: 'normal' }],
    ['for another deployment', { correlation_id: 'gha-9' }]
  ])('is not resumed when it was made %s', async (_, more) => {
    const draft = instance.plant(HALF_MADE)
    instance.set(draft, more)
    expect((await create({ retried: true })).change?.number).toBe('CHG0030002')
    expect(instance.stored(draft)).toMatchObject({ ...HALF_MADE, ...more })
  })

  it('is known by its template, and the oldest is resumed', async () => {
    instance.plant({ ...HALF_MADE, std_change_producer_version: 'v8' })
    instance.plant({ ...HALF_MADE, sys_created_on: momentAt(5_000) })
    instance.plant({ ...HALF_MADE, sys_created_on: momentAt(3_000) })
    const { change } = await create({ retried: true })
    expect(change?.number).toBe('CHG0030003')
  })
})

describe.each(['change-management', 'table'] as const)('a template field that may not be read (%s)', api => {
  beforeEach(() => start({ api, unreadableFields: ['std_change_producer_version'] }))

  it('does not keep a change that was made from a template from being moved on', async () => {
    const { change, context } = await create()
    expect(change?.state).toBe('-2')
    expect(context.told('left-in-new')).toEqual([])
  })

  it('nor one that an earlier attempt made', async () => {
    await create({ requestApproval: false })
    const { change, created } = await create({ retried: true })
    expect({ created, state: change?.state }).toEqual({ created: false, state: '-2' })
  })

  it('nor one that the second check does not show', async () => {
    instance.fail('find', { kind: 'json', body: { result: [] }, times: 2 })
    expect((await create()).change?.state).toBe('-2')
  })

  it('leaves a standard change without a template to a person', async () => {
    instance.plant({ type: 'standard', correlation_id: 'gha-1', short_description: 'Deploy shop' })
    const { change, context } = await createOn(instance, { type: 'standard', given: GIVEN })
    expect(change?.state).toBe('-5')
    expect(context.told('left-in-new')).toHaveLength(1)
  })
})
