import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn, problemOf } from '../testing/fake-context.ts'
import { FakeInstance } from '../testing/fake-instance.ts'
import { createChange } from './create.ts'
import type { CreateRequest } from './request.ts'

const GROUP = 'd625dccec0a8016700a222a0f7900d06'
const DRAFT = 'short_description=Deploy shop correlation_id=gha-1'
let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

function request(more: Partial<CreateRequest> = {}): CreateRequest {
  return {
    supplied: undefined,
    type: undefined,
    template: undefined,
    model: undefined,
    given: { short_description: 'Deploy shop' },
    generated: {},
    references: {},
    choices: {},
    parent: undefined,
    note: undefined,
    correlationId: 'gha-1',
    correlationDisplay: '',
    reuse: true,
    matchTitle: false,
    requestApproval: true,
    resubmit: false,
    retried: false,
    ...more
  }
}

/** Runs create-change and keeps what its hooks were told, in the instance's log. */
async function create(more: Partial<CreateRequest> = {}, dryRun = false) {
  const context = contextOn(fake, { dryRun })
  const created = await createChange(context, request(more), {
    onChange: (change, made) => void fake.log.push(`told ${change.number} ${change.state} ${made}`),
    attach: async change => void fake.log.push(`attach to ${change?.number}`)
  })
  return { ...created, context }
}

const FIND = 'find correlation_id=gha-1^stateIN-5,-4,-3,-2,-1'

describe('a plan that is over', () => {
  const past = { short_description: 'Deploy shop', end_date: '2020-01-01 00:00:00' }

  it('is refused before anything is created', async () => {
    const { facts, subject } = await problemOf(create({ given: past, windowBinds: true }), 'plan-over')
    expect(facts).toEqual({ plannedEnd: '2020-01-01 00:00:00' })
    expect(subject).toBeUndefined()
    expect(fake.writes).toEqual([])
  })

  it('is refused in a dry run as well', async () => {
    await problemOf(create({ given: past, windowBinds: true }, true), 'plan-over')
  })

  it('does not keep an existing change from being reused: the wait judges its window', async () => {
    fake.add({ correlation_id: 'gha-1', state: '-2', approval: 'approved', end_date: '2020-01-01 00:00:00' })
    expect((await create({ given: past, windowBinds: true })).created).toBe(false)
  })

  it('keeps approval from being requested for an existing draft', async () => {
    const draft = fake.add({ correlation_id: 'gha-1', state: '-5' })
    await problemOf(create({ given: past, windowBinds: true }), 'plan-over')
    expect(fake.get(draft.sysId).state).toBe('-5')
  })

  it('may be recorded after the fact: with a warning, or without when no approval is requested', async () => {
    const { created, context } = await create({ given: past })
    expect(created).toBe(true)
    expect(context.told('plan-over')).toEqual([{ type: 'plan-over', plannedEnd: '2020-01-01 00:00:00' }])
    fake = new FakeInstance()
    const quiet = await create({ given: past, windowBinds: true, requestApproval: false })
    expect(quiet.created).toBe(true)
    expect(quiet.context.told('plan-over')).toEqual([])
  })

  it('is over from its very last second on', async () => {
    const last = { short_description: 'Deploy shop', end_date: '2026-11-21 12:00:00' }
    await problemOf(create({ given: last, windowBinds: true }), 'plan-over')
    fake.skew = -1_000
    expect((await create({ given: last, windowBinds: true })).created).toBe(true)
  })
})

describe('a new change', () => {
  it('is made in New, told at once, given its files, and submitted after a second check for duplicates', async () => {
    fake.lookups['group:DevOps Team'] = { value: GROUP, display: 'DevOps Team' }
    const { change, created, context } = await create({ references: { assignment_group: 'DevOps Team' } })
    expect(created).toBe(true)
    expect(change).toMatchObject({ number: 'CHG0030001', state: '-4', approval: 'requested' })
    expect(fake.log).toEqual([
      'reference group DevOps Team',
      FIND,
      `create normal short_description=Deploy shop assignment_group=${GROUP} correlation_id=gha-1`,
      'told CHG0030001 -5 true',
      'attach to CHG0030001',
      FIND,
      'update CHG0030001 state=-4',
      'told CHG0030001 -4 true'
    ])
    expect(context.events.map(event => event.type)).toEqual(['change-created', 'moved'])
    expect(context.told('change-created')[0]?.change).toMatchObject({ number: 'CHG0030001', state: '-5' })
  })

  it.each([
    ['emergency', { type: 'emergency' }, '-3'],
    ['modelled', { model: GROUP, type: 'normal' }, '-4']
  ])('that is %s is submitted the way its type goes', async (_, about, state) => {
    expect((await create(about)).change?.state).toBe(state)
  })

  it('stays in New when approval is not to be requested, or is for a person to request', async () => {
    expect((await create({ requestApproval: false })).change?.state).toBe('-5')
    fake.dialect = 'table'
    const { change, context } = await create({ type: 'standard', correlationId: 'gha-2' })
    expect(change).toMatchObject({ state: '-5', type: 'standard', fromTemplate: false })
    expect(context.told('left-in-new')).toEqual([{ type: 'left-in-new', change }])
  })

  it('carries note, commit and generated defaults', async () => {
    const note = { text: 'made by run 42', marker: '[gha 1]' }
    const { change } = await create({
      note,
      correlationDisplay: 'gha abc',
      generated: { description: 'by run 42' }
    })
    expect(change?.correlationDisplay).toBe('gha abc')
    expect(change?.fields.description?.value).toBe('by run 42')
    expect(change?.fields.work_notes?.display).toContain('made by run 42\n[gha 1]')
  })

  it('is not made when a name is unknown, and the first in order is told', async () => {
    fake.lookups['group:CAB'] = 'many'
    const references = { assignment_group: 'CAB', assigned_to: 'nobody' }
    const { facts } = await problemOf(create({ references, choices: { risk: 'lowish' } }), 'lookup-many')
    expect(facts).toMatchObject({ kind: 'assignment group', name: 'CAB' })
    expect(fake.writes).toEqual([])
  })

  it('whose response was lost is found by its correlation id', async () => {
    fake.add({ correlation_id: 'gha-1', state: '4' })
    fake.fail('create', 'lost')
    const { change, created } = await create()
    expect({ number: change?.number, created }).toEqual({ number: 'CHG0030002', created: true })
    expect(fake.rows).toHaveLength(2)
  })

  it('that reads otherwise than it was sent in what approvers decide on is not submitted', async () => {
    fake.lookups['group:DevOps Team'] = { value: GROUP, display: 'DevOps Team' }
    fake.rule = fields => ({ ...fields, assignment_group: 'other' })
    const problem = await problemOf(
      create({ references: { assignment_group: 'DevOps Team' } }),
      'not-applied'
    )
    expect(problem.subject).toEqual({ kind: 'change', number: 'CHG0030001', sysId: 'sys-CHG0030001' })
    expect(problem.facts).toMatchObject({
      during: 'create',
      differences: [{ field: 'assignment_group', sent: GROUP, got: 'other' }]
    })
    expect(fake.writes).toHaveLength(1)
  })

  it('that reads otherwise in anything else is submitted, with a warning for what the user gave', async () => {
    fake.rule = ({ u_batch: _, ...fields }) => ({ ...fields, ...(fields.priority && { priority: '4' }) })
    const given = { short_description: 'x', priority: '1', u_batch: '7' }
    const { change, context } = await create({ given, generated: { u_gone: 'x' } })
    expect(change?.state).toBe('-4')
    expect(context.told('field-not-applied').map(event => event.difference)).toMatchObject([
      { field: 'priority', sent: '1', got: '4' },
      { field: 'u_batch', sent: '7', got: undefined }
    ])
  })
})

describe('a name that only the instance can resolve', () => {
  const references = { assignment_group: 'DevOps Team' }
  beforeEach(() => {
    fake.lookups['group:DevOps Team'] = 'hidden'
  })

  it('is believed when the record shows that it was', async () => {
    fake.lookups['other:DevOps Team'] = { value: GROUP, display: 'DevOps Team' }
    const { change } = await create({ references })
    expect(change).toMatchObject({ state: '-4', fields: { assignment_group: { value: GROUP } } })
  })

  it('ends the draft when it was not: a change without its group may lose its approvers', async () => {
    const { facts, subject } = await problemOf(create({ references }), 'not-resolved')
    expect(facts).toEqual({
      values: [{ field: 'assignment_group', value: 'DevOps Team' }],
      draft: 'CHG0030001'
    })
    expect(subject).toBeUndefined()
    expect(fake.get('sys-CHG0030001').state).toBe('4')
    expect(fake.writes.at(-1)).toMatch(/^update CHG0030001 state=4 work_notes=Canceled: assignment_group/)
  })

  it('goes out in a request of its own on the Table API', async () => {
    fake.dialect = 'table'
    fake.lookups['other:DevOps Team'] = { value: GROUP, display: 'DevOps Team' }
    await create({ references })
    expect(fake.writes).toEqual([
      `create normal ${DRAFT}`,
      'update CHG0030001 assignment_group=DevOps Team (by name)',
      'update CHG0030001 state=-4'
    ])
  })

  it('ends the draft on the Table API as well', async () => {
    fake.dialect = 'table'
    await problemOf(create({ references }), 'not-resolved')
    expect(fake.get('sys-CHG0030001').state).toBe('4')
  })

  it('as a sys_id must be that of a record', async () => {
    await problemOf(create({ references: { assignment_group: GROUP } }), 'not-resolved')
    expect(fake.log).toContain(`exists ${GROUP}`)
    expect(fake.get('sys-CHG0030001').state).toBe('4')
  })

  it('as a sys_id is believed without a look-up where the record shows its name', async () => {
    fake.lookups['other:DevOps Team'] = { value: GROUP, display: 'DevOps Team' }
    expect((await create({ references: { assignment_group: GROUP } })).change?.state).toBe('-4')
    expect(fake.log).not.toContain(`exists ${GROUP}`)
  })

  it('as a sys_id is looked up where the record shows nothing but the sys_id', async () => {
    fake.lookups['other:Nameless'] = { value: GROUP, display: GROUP }
    expect((await create({ references: { assignment_group: GROUP } })).change?.state).toBe('-4')
    expect(fake.log).toContain(`exists ${GROUP}`)
  })

  it('as a parent by sys_id must be that of a record', async () => {
    const { facts } = await problemOf(create({ parent: GROUP.toUpperCase() }), 'not-resolved')
    expect(facts).toEqual({ values: [{ field: 'parent', value: GROUP }], draft: 'CHG0030001' })
    expect(fake.get('sys-CHG0030001').state).toBe('4')
    fake.add({ sys_id: GROUP, number: 'CHG0000042' })
    const { change } = await create({ parent: GROUP })
    expect(change).toMatchObject({ state: '-4', fields: { parent: { value: GROUP, display: 'CHG0000042' } } })
  })

  it('as a parent by number is that of one change, or nothing is made', async () => {
    fake.add({ number: 'CHG0000042' })
    const { change } = await create({ parent: 'chg0000042' })
    expect(change?.fields.parent?.value).toBe('sys-CHG0030001')
    const { facts } = await problemOf(create({ parent: 'CHG9' }), 'lookup-none')
    expect(facts).toMatchObject({ kind: 'change number', name: 'CHG9', candidates: [] })
  })

  it.each([
    ['risk', 'Low', 'Low', 'ends the draft'],
    ['risk', 'Low', '4', 'passes'],
    ['category', 'Network', 'Network', 'passes'],
    ['category', 'Network', '', 'ends the draft'],
    ['category', 'Network', 'other', 'ends the draft'],
    ['priority', 'High', 'High', 'ends the draft'],
    ['impact', 'High', 'High', 'ends the draft'],
    ['urgency', 'High', 'High', 'ends the draft']
  ])('as a choice of %s, %s stored as "%s", %s', async (field, text, stored, end) => {
    fake.choices[`${field}:${text}`] = 'hidden'
    fake.rule = fields => ({ ...fields, ...(field in fields && { [field]: stored }) })
    const made = create({ choices: { [field]: text } })
    if (end === 'passes') expect((await made).change?.state).toBe('-4')
    else expect((await problemOf(made, 'not-resolved')).facts.values).toEqual([{ field, value: text }])
  })
})

describe('a standard change', () => {
  const template = 'Deploy the app'
  const given = { short_description: 'Deploy shop', description: 'mine', start_date: '2026-12-01 22:00:00' }
  beforeEach(() => {
    const fields = ['short_description']
    fake.templates[template] = { sysId: 't', name: template, version: 'v9', fields }
  })

  it('takes only its template’s fields; the rest is written afterwards, but for what the template owns', async () => {
    const note = { text: 'run 42', marker: '[gha 1]' }
    const { change, context } = await create({
      template,
      given,
      note,
      generated: { justification: 'generated' }
    })
    expect(fake.writes).toEqual([
      expect.stringMatching(
        /^create from Deploy the app short_description=Deploy shop description=mine start_date=/
      ),
      'update CHG0030001 start_date=2026-12-01 22:00:00 correlation_id=gha-1 work_notes=run 42 [gha 1]',
      'update CHG0030001 state=-2'
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

  it('whose creation got no response is known by title, template, age and emptiness', async () => {
    fake.add({ type: 'standard', short_description: 'Deploy shop', std_change_producer_version: 'v8' })
    fake.fail('create', 'lost')
    const { change } = await create({ template, given })
    expect(change).toMatchObject({ number: 'CHG0030002', correlationId: 'gha-1' })
  })

  it('is not taken for a draft that was there before', async () => {
    fake.add({ type: 'standard', short_description: 'Deploy shop', std_change_producer_version: 'v9' })
    fake.now += 60_000
    fake.rule = fields => {
      fake.rows.splice(1)
      return fields
    }
    fake.fail('create', 'lost')
    await problemOf(create({ template, given }), 'request-timeout')
  })

  it('left half made by an earlier attempt is resumed', async () => {
    fake.add({ type: 'standard', short_description: 'Deploy shop', std_change_producer_version: 'v9' })
    const { change, created, context } = await create({ template, given, retried: true })
    expect({ number: change?.number, created, id: change?.correlationId }).toEqual({
      number: 'CHG0030001',
      created: true,
      id: 'gha-1'
    })
    expect(fake.writes.some(line => line.startsWith('create'))).toBe(false)
    expect(context.told('draft-resumed')).toMatchObject([{ change: { number: 'CHG0030001' } }])
    expect(fake.log.filter(line => line.startsWith('told'))).toEqual([
      'told CHG0030001 -5 true',
      'told CHG0030001 -2 true'
    ])
    expect(context.told('change-created')).toEqual([])
  })

  it.each<[string, Partial<CreateRequest>]>([
    ['a first attempt', {}],
    ['an attempt that is to make a new change', { retried: true, reuse: false }],
    ['an attempt without a template', { retried: true, template: undefined }]
  ])('left half made is not resumed by %s', async (_, more) => {
    const halfMade = { short_description: 'Deploy shop', std_change_producer_version: 'v9' }
    const draft = fake.add({ type: 'standard', ...halfMade })
    const { change, created } = await create({ template, given, ...more })
    expect({ number: change?.number, created }).toEqual({ number: 'CHG0030002', created: true })
    expect(fake.get(draft.sysId)).toMatchObject({ state: '-5', correlationId: '' })
  })

  it('left half made is known by its template, and the oldest is resumed', async () => {
    const halfMade = { type: 'standard', short_description: 'Deploy shop' }
    fake.add({ ...halfMade, std_change_producer_version: 'v8' })
    fake.now += 5_000
    fake.add({ ...halfMade, std_change_producer_version: 'v9' })
    fake.now -= 2_000
    fake.add({ ...halfMade, std_change_producer_version: 'v9' })
    const { change } = await create({ template, given, retried: true })
    expect(change?.number).toBe('CHG0030003')
  })

  it.each([
    [5_000, true],
    [6_000, false]
  ])('whose creation got no response may be a draft %d ms older: %j', async (ageMs, isFound) => {
    const halfMade = { type: 'standard', short_description: 'Deploy shop', std_change_producer_version: 'v9' }
    fake.fail('create', 'lost')
    // What was made is hidden: only the older draft can be found.
    fake.after = verb => {
      if (verb !== 'create') return
      fake.rows.splice(0)
      fake.now -= ageMs
      fake.add(halfMade)
      fake.now += ageMs
    }
    const made = create({ template, given })
    if (isFound) expect((await made).change?.number).toBe('CHG0030002')
    else await problemOf(made, 'request-timeout')
  })

  it('whose creation got no response is not guessed where two could be meant', async () => {
    const halfMade = { type: 'standard', short_description: 'Deploy shop', std_change_producer_version: 'v9' }
    fake.after = verb => {
      if (verb === 'create') fake.add(halfMade)
    }
    fake.fail('create', 'lost')
    await problemOf(create({ template, given }), 'request-timeout')
  })

  it.each([
    ['one field', ['short_description', 'start_date'], 'update CHG0030001 correlation_id=gha-1'],
    [
      'the note alone',
      ['short_description', 'start_date', 'correlation_id'],
      'update CHG0030001 work_notes=run 42 [gha 1]'
    ]
  ])('whose template dropped %s has just that written afterwards', async (_, fields, written) => {
    fake.templates[template] = { sysId: 't', name: template, version: 'v9', fields }
    const note = { text: 'run 42', marker: '[gha 1]' }
    await create({ template, given, ...(fields.includes('correlation_id') && { note }) })
    expect(fake.writes.slice(1)).toEqual([written, 'update CHG0030001 state=-2'])
  })

  it('whose completion got no response is not completed again', async () => {
    fake.fail('update', 'lost')
    const note = { text: 'run 42', marker: '[gha 1]' }
    expect((await create({ template, given, note })).change?.state).toBe('-2')
    expect(fake.log.filter(line => line.startsWith('check'))).toEqual(['check CHG0030001'])
    fake.fail('update', 'lost')
    fake.rule = ({ start_date: _, ...fields }) => fields
    await problemOf(create({ template, given, correlationId: 'gha-2' }), 'request-timeout')
  })

  it('whose template dropped nothing is submitted at once', async () => {
    const fields = ['short_description', 'start_date', 'correlation_id', 'work_notes']
    fake.templates[template] = { sysId: 't', name: template, version: 'v9', fields }
    await create({ template, given, note: { text: 'run 42', marker: '[gha 1]' } })
    expect(fake.writes.slice(1)).toEqual(['update CHG0030001 state=-2'])
  })
})

describe('a supplied change', () => {
  const supplied = { number: 'chg0030001' }

  it('is given its files and submitted, and not touched otherwise', async () => {
    fake.add({ short_description: 'By hand' })
    const { change, created, context } = await create({ supplied })
    expect(context.told('change-used')).toMatchObject([{ change: { number: 'CHG0030001', state: '-5' } }])
    expect({ state: change?.state, created }).toEqual({ state: '-4', created: false })
    expect(fake.log).toEqual([
      'find number=CHG0030001',
      'told CHG0030001 -5 false',
      'attach to CHG0030001',
      // The files may have taken long: somebody may have submitted it meanwhile.
      'get sys-CHG0030001',
      'update CHG0030001 state=-4',
      'told CHG0030001 -4 false'
    ])
  })

  it.each([
    ['closed', { state: '3' }, 'already-over', { state: 'closed' }],
    ['canceled', { state: '4' }, 'already-over', { state: 'canceled' }],
    ['rejected', { approval: 'rejected' }, 'rejected-before', {}]
  ] as const)(
    'that is %s is an error, before anything is done with it',
    async (outcome, cells, code, facts) => {
      fake.add(cells)
      const problem = await problemOf(create({ supplied }), code)
      expect(problem).toMatchObject({ facts, outcome, subject: { number: 'CHG0030001' } })
      expect(fake.log).toHaveLength(1)
    }
  )

  it('must be one: names that disagree, none or several are errors', async () => {
    fake.add()
    const disagreeing = { sysId: 'sys-CHG0030001', number: 'CHG0030002' }
    expect((await problemOf(create({ supplied: disagreeing }), 'names-disagree')).facts).toEqual({
      number: 'CHG0030001',
      sysId: 'sys-CHG0030001',
      given: { by: 'number', value: 'CHG0030002', has: 'CHG0030001' }
    })
    await problemOf(create({ supplied: { number: 'CHG9' } }), 'lookup-none')
    fake.add({ number: 'CHG0030001' })
    const { facts } = await problemOf(create({ supplied }), 'lookup-many')
    expect(facts).toMatchObject({
      kind: 'change number',
      name: 'chg0030001',
      candidates: ['sys-CHG0030001', 'sys-CHG0030002']
    })
    const other = { sysId: 'sys-CHG0030001', correlationId: 'gha-9' }
    expect((await problemOf(create({ supplied: other }), 'names-disagree')).facts.given).toEqual({
      by: 'correlation-id',
      value: 'gha-9',
      has: ''
    })
    expect(fake.writes).toEqual([])
  })
})

describe('a dry run', () => {
  it('of a new change tells what it would do, and writes nothing', async () => {
    fake.choices['risk:low'] = '4'
    const { change, created, context } = await create({ choices: { risk: 'low' } }, true)
    expect({ change, created }).toEqual({ change: undefined, created: false })
    expect(fake.log).toEqual([FIND, 'attach to undefined'])
    const fields = { short_description: 'Deploy shop', risk: '4', correlation_id: 'gha-1' }
    expect(context.planned()).toEqual([
      { type: 'create', kind: 'normal', template: undefined, fields },
      { type: 'move', change: undefined, states: ['assess'] }
    ])
  })

  it('of a new change by model or template names these, and no move that a person makes', async () => {
    fake.templates.Standard = { sysId: 't', name: 'Standard', version: 'v9', fields: [] }
    const byTemplate = await create({ template: 'Standard' }, true)
    expect(byTemplate.context.planned()).toMatchObject([
      { type: 'create', kind: 'standard', template: 'Standard' },
      { type: 'move', states: ['scheduled'] }
    ])
    const byModel = await create({ model: GROUP }, true)
    expect(byModel.context.planned()).toMatchObject([{ type: 'create', kind: undefined }])
    const left = await create({ requestApproval: false }, true)
    expect(left.context.planned()).toMatchObject([{ type: 'create', kind: 'normal' }])
  })

  it('of an existing one tells what it would bring up to date', async () => {
    fake.add({ correlation_id: 'gha-1', short_description: 'Old' })
    fake.add({ correlation_id: 'gha-1' })
    const { change, context } = await create({}, true)
    expect(change?.number).toBe('CHG0030001')
    expect(fake.writes).toEqual([])
    expect(context.planned()).toMatchObject([
      { type: 'cancel-duplicate', change: { number: 'CHG0030002' } },
      { type: 'write', change: { number: 'CHG0030001' }, fields: ['short_description'] },
      { type: 'move', change: { number: 'CHG0030001' }, states: ['assess'] }
    ])
  })

  it('fails where the real one would', async () => {
    await problemOf(create({ references: { assignment_group: 'Nobody' } }, true), 'lookup-none')
    fake.add({ correlation_id: 'gha-1', type: 'emergency' })
    await problemOf(create({}, true), 'differs')
    expect(fake.writes).toEqual([])
  })
})
