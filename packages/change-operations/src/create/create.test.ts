import { ServiceNowError } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { ChangeError } from '../flow.ts'
import { FakeInstance } from '../testing/fake-client.ts'
import { failure, flowOn } from '../testing/fake-flow.ts'
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
  const flow = flowOn(fake, { dryRun })
  const created = await createChange(flow, request(more), {
    onChange: (change, made) => void fake.log.push(`told ${change.number} ${change.state} ${made}`),
    attach: async change => void fake.log.push(`attach to ${change?.number}`)
  })
  return { ...created, flow }
}

const FIND = 'find correlation_id=gha-1^stateIN-5,-4,-3,-2,-1'

describe('a plan that is over', () => {
  const past = { short_description: 'Deploy shop', end_date: '2020-01-01 00:00:00' }

  it('is refused before anything is created', async () => {
    const error = await failure(ChangeError, create({ given: past, windowBinds: true }))
    expect(error.title).toBe('Input error')
    expect(error.message).toContain('2020-01-01 00:00:00 UTC, has passed')
    expect(fake.writes).toEqual([])
  })

  it('is refused in a dry run as well', async () => {
    await failure(ChangeError, create({ given: past, windowBinds: true }, true))
  })

  it('does not keep a change that is there from being taken up: the wait judges its window', async () => {
    fake.add({ correlation_id: 'gha-1', state: '-2', approval: 'approved', end_date: '2020-01-01 00:00:00' })
    expect((await create({ given: past, windowBinds: true })).created).toBe(false)
  })

  it('keeps the board from being asked for a draft that is there', async () => {
    const draft = fake.add({ correlation_id: 'gha-1', state: '-5' })
    await failure(ChangeError, create({ given: past, windowBinds: true }))
    expect(fake.get(draft.sysId).state).toBe('-5')
  })

  it('may be recorded after the fact: with a warning, or without when nobody is asked', async () => {
    const { created, flow } = await create({ given: past })
    expect(created).toBe(true)
    expect(flow.told('warning')).toEqual([expect.stringContaining('has passed')])
    fake = new FakeInstance()
    const quiet = await create({ given: past, windowBinds: true, requestApproval: false })
    expect(quiet.created).toBe(true)
    expect(quiet.flow.told('warning')).toEqual([])
  })
})

describe('a new change', () => {
  it('is made in New, told at once, given its files, and submitted after a second look for rivals', async () => {
    fake.lookups['group:DevOps Team'] = { value: GROUP, display: 'DevOps Team' }
    const { change, created } = await create({ references: { assignment_group: 'DevOps Team' } })
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
    const { change, flow } = await create({ type: 'standard', correlationId: 'gha-2' })
    expect(change?.state).toBe('-5')
    expect(flow.told('warning')).toEqual([
      expect.stringMatching(/stays in New: a standard change without a template/)
    ])
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
    const error = await failure(ServiceNowError, create({ references, choices: { risk: 'lowish' } }))
    expect(error.code).toBe('lookup-many')
    expect(fake.writes).toEqual([])
  })

  it('whose answer was lost is found by its correlation id', async () => {
    fake.add({ correlation_id: 'gha-1', state: '4' })
    fake.fail('create', 'lost')
    const { change, created } = await create()
    expect({ number: change?.number, created }).toEqual({ number: 'CHG0030002', created: true })
    expect(fake.rows).toHaveLength(2)
  })

  it('that reads otherwise than it was sent in what approvers decide on is not submitted', async () => {
    fake.lookups['group:DevOps Team'] = { value: GROUP, display: 'DevOps Team' }
    fake.rule = fields => ({ ...fields, assignment_group: 'other' })
    const error = await failure(ChangeError, create({ references: { assignment_group: 'DevOps Team' } }))
    expect(error.title).toBe('Change CHG0030001: not as asked for')
    expect(error.message).toMatch(/assignment_group was sent as .* Approval was not requested/s)
    expect(fake.writes).toHaveLength(1)
  })

  it('that reads otherwise in anything else is submitted, with a warning for what the user gave', async () => {
    fake.rule = ({ u_batch: _, ...fields }) => ({ ...fields, ...(fields.priority && { priority: '4' }) })
    const given = { short_description: 'x', priority: '1', u_batch: '7' }
    const { change, flow } = await create({ given, generated: { u_gone: 'x' } })
    expect(change?.state).toBe('-4')
    expect(flow.told('warning')).toEqual([
      'CHG0030001: priority was sent as "1" and reads "4".',
      expect.stringContaining('u_batch was sent as "7" and is not on the record')
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
    const error = await failure(ChangeError, create({ references }))
    expect(error.title).toBe('ServiceNow lookup: no such record')
    expect(error.message).toContain('assignment_group "DevOps Team"')
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
    await failure(ChangeError, create({ references }))
    expect(fake.get('sys-CHG0030001').state).toBe('4')
  })

  it('as a sys_id must be that of a record', async () => {
    await failure(ChangeError, create({ references: { assignment_group: GROUP } }))
    expect(fake.log).toContain(`exists ${GROUP}`)
    expect(fake.get('sys-CHG0030001').state).toBe('4')
  })

  it.each([
    ['risk', 'Low', 'Low', 'ends the draft'],
    ['risk', 'Low', '4', 'passes'],
    ['category', 'Network', 'Network', 'passes'],
    ['category', 'Network', '', 'ends the draft']
  ])('as a choice of %s, %s stored as "%s", %s', async (field, text, stored, end) => {
    fake.choices[`${field}:${text}`] = 'hidden'
    fake.rule = fields => ({ ...fields, ...(field in fields && { [field]: stored }) })
    const made = create({ choices: { [field]: text } })
    if (end === 'passes') expect((await made).change?.state).toBe('-4')
    else expect((await failure(ChangeError, made)).message).toContain(`${field} "${text}"`)
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
    const { change, flow } = await create({
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
    expect(flow.told('warning')).toEqual([expect.stringContaining('description was sent as "mine"')])
  })

  it('whose creation got no answer is known by title, template, age and emptiness', async () => {
    fake.add({ type: 'standard', short_description: 'Deploy shop', std_change_producer_version: 'v8' })
    fake.fail('create', 'lost')
    const { change } = await create({ template, given })
    expect(change).toMatchObject({ number: 'CHG0030002', correlationId: 'gha-1' })
  })

  it('is not taken for a draft that lay there before', async () => {
    fake.add({ type: 'standard', short_description: 'Deploy shop', std_change_producer_version: 'v9' })
    fake.now += 60_000
    fake.rule = fields => {
      fake.rows.splice(1)
      return fields
    }
    fake.fail('create', 'lost')
    expect((await failure(ServiceNowError, create({ template, given }))).code).toBe('timeout')
  })

  it('left half made by an earlier attempt is gone on with', async () => {
    fake.add({ type: 'standard', short_description: 'Deploy shop', std_change_producer_version: 'v9' })
    const { change, created } = await create({ template, given, retried: true })
    expect({ number: change?.number, created, id: change?.correlationId }).toEqual({
      number: 'CHG0030001',
      created: true,
      id: 'gha-1'
    })
    expect(fake.writes.some(line => line.startsWith('create'))).toBe(false)
  })
})

describe('a supplied change', () => {
  const supplied = { number: 'chg0030001' }

  it('is given its files and submitted, and not touched otherwise', async () => {
    fake.add({ short_description: 'By hand' })
    const { change, created } = await create({ supplied })
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
    ['closed', { state: '3' }, 'Change CHG0030001: closed'],
    ['canceled', { state: '4' }, 'Change CHG0030001: canceled'],
    ['rejected', { approval: 'rejected' }, 'Change CHG0030001: rejected']
  ])('that is %s is an error, before anything is done with it', async (outcome, cells, title) => {
    fake.add(cells)
    const error = await failure(ChangeError, create({ supplied }))
    expect(error).toMatchObject({ title, outcome })
    expect(fake.log).toHaveLength(1)
  })

  it('must be one: names that disagree, none or several are errors', async () => {
    fake.add()
    const disagreeing = { sysId: 'sys-CHG0030001', number: 'CHG0030002' }
    expect((await failure(ChangeError, create({ supplied: disagreeing }))).message).toContain(
      'is CHG0030001, not CHG0030002'
    )
    expect((await failure(ServiceNowError, create({ supplied: { number: 'CHG9' } }))).code).toBe(
      'lookup-none'
    )
    fake.add({ number: 'CHG0030001' })
    expect((await failure(ServiceNowError, create({ supplied }))).code).toBe('lookup-many')
    const other = { sysId: 'sys-CHG0030001', correlationId: 'gha-9' }
    expect((await failure(ChangeError, create({ supplied: other }))).message).toContain(
      'has correlation id ""'
    )
    expect(fake.writes).toEqual([])
  })
})

describe('a dry run', () => {
  it('of a new change says what it would do, and writes nothing', async () => {
    fake.choices['risk:low'] = '4'
    const { change, created, flow } = await create({ choices: { risk: 'low' } }, true)
    expect({ change, created }).toEqual({ change: undefined, created: false })
    expect(fake.log).toEqual([FIND, 'attach to undefined'])
    expect(flow.told('plan')).toEqual([
      'create a normal change with short_description="Deploy shop", risk="4", correlation_id="gha-1"',
      'move it from New to Assess'
    ])
  })

  it('of one that is there says what it would bring up to date', async () => {
    fake.add({ correlation_id: 'gha-1', short_description: 'Old' })
    fake.add({ correlation_id: 'gha-1' })
    const { change, flow } = await create({}, true)
    expect(change?.number).toBe('CHG0030001')
    expect(fake.writes).toEqual([])
    expect(flow.told('plan')).toEqual([
      'cancel the rival CHG0030002 if it is in New',
      'update CHG0030001: short_description',
      'move CHG0030001 to Assess'
    ])
  })

  it('fails where the real one would', async () => {
    await failure(ServiceNowError, create({ references: { assignment_group: 'Nobody' } }, true))
    fake.add({ correlation_id: 'gha-1', type: 'emergency' })
    await failure(ChangeError, create({}, true))
    expect(fake.writes).toEqual([])
  })
})
