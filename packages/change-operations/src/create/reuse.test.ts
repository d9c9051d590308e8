import { clientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { oldestFirst } from '../change-order.ts'
import { contextOn, problemOf } from '../testing/fake-context.ts'
import { FakeInstance } from '../testing/fake-instance.ts'
import type { Cell } from '../testing/fake-records.ts'
import { createChange } from './create.ts'
import type { CreateHooks, CreateRequest } from './request.ts'

const CI = '27d32778c0a8000b00db970eeaa60f16'
let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
  fake.lookups['ci:shop'] = { value: CI, display: 'shop' }
})

const request: CreateRequest = {
  supplied: undefined,
  type: undefined,
  template: undefined,
  model: undefined,
  given: { short_description: 'Deploy shop' },
  generated: { description: 'generated' },
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
  retried: false
}

async function create(more: Partial<CreateRequest> = {}, hooks: Partial<CreateHooks> = {}, dryRun = false) {
  const context = contextOn(fake, { dryRun })
  const attached: (string | undefined)[] = []
  const created = await createChange(
    context,
    { ...request, ...more },
    { onChange: () => undefined, attach: async change => void attached.push(change?.number), ...hooks }
  )
  return { ...created, context, attached }
}

const ours = { correlation_id: 'gha-1', short_description: 'Deploy shop' }

describe('the open change of the same deployment', () => {
  it('in New is brought up to date with what was given, and submitted; defaults never overwrite', async () => {
    fake.add({ ...ours, short_description: 'Old title', description: 'by hand' })
    const note = { text: 'run 43', marker: '[gha 2]' }
    const { change, created, attached, context } = await create({ note })
    expect(context.told('change-reused')).toMatchObject([{ change: { number: 'CHG0030001', state: '-5' } }])
    expect({ number: change?.number, state: change?.state, created, attached }).toEqual({
      number: 'CHG0030001',
      state: '-4',
      created: false,
      attached: ['CHG0030001']
    })
    expect(fake.writes).toEqual([
      'update CHG0030001 short_description=Deploy shop work_notes=run 43 [gha 2]',
      'update CHG0030001 state=-4'
    ])
    expect(change?.fields.description?.value).toBe('by hand')
  })

  it('later than New is left as it is, and each difference is told', async () => {
    fake.add({ ...ours, short_description: 'Old title', state: '-2', approval: 'approved' })
    const { change, context } = await create()
    expect(change?.state).toBe('-2')
    expect(fake.writes).toEqual([])
    expect(context.told('field-left')).toMatchObject([
      {
        change: { number: 'CHG0030001', state: '-2' },
        difference: { field: 'short_description', got: 'Old title', sent: 'Deploy shop' }
      }
    ])
  })

  it.each<[string, Record<string, Cell>, Partial<CreateRequest>, string, string]>([
    ['the type', { type: 'emergency' }, {}, 'type', 'emergency'],
    ['the CI', { cmdb_ci: ['other', 'till'] }, { references: { cmdb_ci: 'shop' } }, 'cmdb_ci', 'till'],
    [
      'a CI given by sys_id',
      { cmdb_ci: ['other', 'till'] },
      { references: { cmdb_ci: CI } },
      'cmdb_ci',
      'till'
    ],
    [
      'a CI that may not be looked up',
      { cmdb_ci: ['other', 'till'] },
      { references: { cmdb_ci: 'web' } },
      'cmdb_ci',
      'till'
    ],
    ['the parent', { parent: ['x', 'CHG1'] }, { parent: CI }, 'parent', 'CHG1']
  ])('that differs in %s is an error, and left alone', async (_, cells, more, field, display) => {
    fake.lookups['ci:web'] = 'hidden'
    fake.add({ ...ours, ...cells })
    const { facts, subject } = await problemOf(create(more), 'differs')
    expect(facts).toEqual({ fields: [{ field, display }] })
    expect(subject?.number).toBe('CHG0030001')
    expect(fake.writes).toEqual([])
  })

  it('that was rejected is an error, unless it is to be submitted again', async () => {
    fake.add({ ...ours, approval: 'rejected' })
    expect(await problemOf(create(), 'rejected-before')).toMatchObject({
      subject: { number: 'CHG0030001' },
      outcome: 'rejected'
    })
    expect(fake.writes).toEqual([])
    expect((await create({ resubmit: true })).change).toMatchObject({ state: '-4', approval: 'requested' })
  })

  it('that is what is requested by sys_id, or by a name that cannot be compared, is reused', async () => {
    fake.lookups['ci:web'] = 'hidden'
    fake.add({ ...ours, cmdb_ci: [CI, 'shop'] })
    expect((await create({ references: { cmdb_ci: CI } })).created).toBe(false)
    fake.add({ ...ours, correlation_id: 'gha-2', cmdb_ci: [CI, ''] })
    expect((await create({ references: { cmdb_ci: 'web' }, correlationId: 'gha-2' })).created).toBe(false)
  })

  it('that another job submitted while files were attached is not submitted again', async () => {
    const change = fake.add({ ...ours, short_description: 'Old' })
    fake.after = verb =>
      verb === 'update' ? fake.set(change, { state: '-2', approval: 'approved' }) : undefined
    expect((await create()).change).toMatchObject({ state: '-2', approval: 'approved' })
    expect(fake.writes).toEqual(['update CHG0030001 short_description=Deploy shop'])
  })

  describe('submitted again', () => {
    /** The instance makes the new approvals some polls later; until then the change carries its old rejection. */
    const oldRejection = (polls: number) => {
      const change = fake.add({ ...ours, approval: 'rejected' })
      fake.rule = fields => (fields.state === '-4' ? { ...fields, approval: 'rejected' } : fields)
      let reads = 0
      fake.after = verb => {
        if (verb === 'get') reads += 1
        // The first one is before the submission.
        if (reads === polls + 1) fake.set(change, { approval: 'requested' })
      }
    }

    it('is not passed on before its old rejection is gone', async () => {
      oldRejection(2)
      const { change, context } = await create({ resubmit: true })
      expect(change).toMatchObject({ state: '-4', approval: 'requested' })
      expect(context.slept).toEqual([1_000, 1_000, 1_000])
    })

    it('is passed on with it after ten seconds', async () => {
      oldRejection(99)
      const { change, context } = await create({ resubmit: true })
      expect(change).toMatchObject({ state: '-4', approval: 'rejected' })
      expect(context.slept).toHaveLength(10)
    })
  })

  it('that a rule sets back in what matters is not submitted', async () => {
    fake.add({ ...ours, assignment_group: ['other', 'Other'] })
    const group = 'd625dccec0a8016700a222a0f7900d06'
    fake.lookups['group:DevOps Team'] = { value: group, display: 'DevOps Team' }
    fake.rule = ({ assignment_group: _, ...fields }) => fields
    const updated = create({ references: { assignment_group: 'DevOps Team' } })
    const { facts } = await problemOf(updated, 'not-applied')
    expect(facts).toMatchObject({
      during: 'create',
      differences: [{ field: 'assignment_group', got: 'other' }]
    })
    expect(fake.get('sys-CHG0030001').state).toBe('-5')
  })

  it('bound to another commit is bound to this one while it is in New', async () => {
    const bound = (commit: string) => `gha ${commit} 42 0123456789ab`
    const correlationDisplay = bound('65dbbeda5ade')
    fake.add({ ...ours, correlation_display: bound('000000000000') })
    expect((await create({ correlationDisplay })).change?.correlationDisplay).toBe(correlationDisplay)
    fake.add({ ...ours, correlation_id: 'gha-2', correlation_display: 'of another tool' })
    const other = await create({ correlationDisplay, correlationId: 'gha-2' })
    expect(other.change?.correlationDisplay).toBe('of another tool')
  })

  it('may be refused by the caller before anything is done with it', async () => {
    fake.add({ ...ours, short_description: 'Old' })
    const seen: string[] = []
    const refusing = create(
      {},
      {
        onSeen: change => void seen.push(change.number),
        accept: () => Promise.reject(new Error('not ours'))
      }
    )
    await expect(refusing).rejects.toThrow('not ours')
    expect(seen).toEqual(['CHG0030001'])
    expect(fake.writes).toEqual([])
  })

  it('is not reused when a new one is requested, when it has ended, or when its id differs in case', async () => {
    fake.add({ ...ours, state: '0' })
    fake.add({ ...ours, correlation_id: 'GHA-1' })
    expect((await create()).change?.number).toBe('CHG0030003')
    expect((await create({ reuse: false })).change?.number).toBe('CHG0030004')
    expect(fake.get('sys-CHG0030003').state).toBe('-4')
  })

  it('that ended last becomes the parent of a new one, where requested', async () => {
    fake.add({ ...ours, state: '3' })
    fake.now += 1_000
    fake.add({ ...ours, state: '0' })
    fake.now += 1_000
    // Drafts that lost to another job's change are younger than the change that was carried out.
    fake.add({ ...ours, state: '4' })
    const { change, context } = await create({ linkPrevious: true })
    expect(change?.fields.parent?.value).toBe('sys-CHG0030002')
    expect(context.told('previous-linked')).toMatchObject([{ previous: { number: 'CHG0030002' } }])
    expect((await create({ reuse: false })).change?.fields.parent).toBeUndefined()
  })

  it('that was canceled becomes the parent where no other has ended, the last of them', async () => {
    fake.add({ ...ours, state: '4' })
    fake.now += 1_000
    fake.add({ ...ours, state: '4' })
    fake.now += 1_000
    fake.add({ ...ours, correlation_id: 'GHA-1', state: '3' })
    expect((await create({ linkPrevious: true })).change?.fields.parent?.value).toBe('sys-CHG0030002')
  })

  it('becomes no parent where one is given', async () => {
    fake.add({ ...ours, state: '3' })
    fake.add({ number: 'CHG0000042', sys_id: CI })
    const { change, context } = await create({ linkPrevious: true, parent: CI })
    expect(change?.fields.parent?.value).toBe(CI)
    expect(context.told('previous-linked')).toEqual([])
  })
})

describe('names that only the instance can resolve, on the Table API', () => {
  const GROUP = 'd625dccec0a8016700a222a0f7900d06'
  const names = {
    references: { assignment_group: 'DevOps Team' },
    choices: { risk: 'Low' }
  }
  beforeEach(() => {
    fake.dialect = 'table'
    fake.lookups['group:DevOps Team'] = 'hidden'
    fake.choices['risk:Low'] = 'hidden'
    fake.lookups['other:DevOps Team'] = { value: GROUP, display: 'DevOps Team' }
    fake.rule = fields => ({ ...fields, ...(fields.risk === 'Low' && { risk: '4' }) })
  })

  it('are set on a draft whose job was killed before it had set them', async () => {
    fake.add(ours)
    const { change } = await create(names)
    expect(change).toMatchObject({ state: '-4', fields: { assignment_group: { value: GROUP } } })
    expect(fake.writes[0]).toBe('update CHG0030001 assignment_group=DevOps Team risk=Low (by name)')
  })

  it('are not set again where the draft shows them, nor over another group', async () => {
    fake.add({ ...ours, assignment_group: [GROUP, 'DevOps Team'], risk: ['4', 'Low'] })
    await create(names)
    fake.add({ ...ours, correlation_id: 'gha-2', assignment_group: ['x', 'CAB'], risk: ['4', 'Low'] })
    await create({ ...names, correlationId: 'gha-2' })
    expect(fake.writes).toEqual(['update CHG0030001 state=-4', 'update CHG0030002 state=-4'])
  })

  it('are left alone later than New', async () => {
    fake.add({ ...ours, state: '-4', approval: 'requested' })
    await create(names)
    expect(fake.writes).toEqual([])
  })

  it('that it does not know either are an error, and the change is left', async () => {
    delete fake.lookups['other:DevOps Team']
    fake.add(ours)
    const { facts, subject } = await problemOf(create(names), 'not-resolved')
    expect(facts).toEqual({
      values: [{ field: 'assignment_group', value: 'DevOps Team' }],
      draft: undefined
    })
    expect(subject?.number).toBe('CHG0030001')
    expect(fake.get('sys-CHG0030001').state).toBe('-5')
  })

  it('are told in a dry run', async () => {
    fake.add(ours)
    const { context } = await create(names, {}, true)
    expect(context.planned()).toMatchObject([
      { type: 'write-by-name', fields: ['assignment_group', 'risk'] },
      { type: 'move' }
    ])
    expect(fake.writes).toEqual([])
  })
})

describe('a draft made a moment ago', () => {
  const hooks = { attaches: true }
  const bound = { correlationDisplay: 'gha 65dbbeda5ade 1001 0123456789ab' }

  it('is left to its own job, and reused as that left it', async () => {
    const draft = fake.add(ours)
    const context = contextOn(fake)
    context.at(5_000, () => fake.set(draft, { state: '-4', approval: 'requested' }))
    const { change } = await createChange(context, request, {
      onChange: () => undefined,
      attach: async () => undefined,
      ...hooks
    })
    expect(change?.state).toBe('-4')
    expect(fake.writes).toEqual([])
    expect(context.told('waiting-for-own-job')).toMatchObject([{ change: { number: draft.number } }])
    expect(fake.now).toBeGreaterThanOrEqual(Date.parse('2026-11-21T12:00:05Z'))
  })

  it('whose job does nothing more is reused when it is twenty seconds old', async () => {
    fake.add(ours)
    const { change, context } = await create({}, hooks)
    expect(change?.state).toBe('-4')
    expect(context.slept).toHaveLength(40)
    expect(context.told('waiting-for-own-job')).toHaveLength(1)
  })

  it.each<[string, Partial<CreateRequest>, Partial<CreateHooks>, boolean]>([
    ['there is nothing to attach', {}, {}, false],
    ['an earlier attempt of this run made it', { retried: true, ...bound }, hooks, false],
    ['it is a dry run', {}, hooks, true]
  ])('is reused at once when %s', async (_, more, moreHooks, dryRun) => {
    fake.add({ ...ours, correlation_display: bound.correlationDisplay })
    expect((await create(more, moreHooks, dryRun)).context.slept).toEqual([])
  })
})

describe('of several', () => {
  it('the oldest counts, and drafts among the others are canceled', async () => {
    fake.now += 5_000
    fake.add(ours)
    fake.now -= 5_000
    fake.add(ours)
    const { change, context } = await create()
    expect(change?.number).toBe('CHG0030002')
    expect(fake.get('sys-CHG0030001').state).toBe('4')
    expect(context.told('duplicate-canceled')).toMatchObject([
      { duplicate: { number: 'CHG0030001' }, kept: { number: 'CHG0030002' } }
    ])
  })

  it('one whose approval was requested counts before an older draft', async () => {
    fake.add(ours)
    fake.now += 5_000
    fake.add({ ...ours, state: '-4', approval: 'requested' })
    expect((await create()).change?.number).toBe('CHG0030002')
    expect(fake.get('sys-CHG0030001').state).toBe('4')
  })

  it('a draft that its own job may still be at work on gets no note, an older one does', async () => {
    fake.add(ours)
    fake.now += 10_000
    fake.add(ours)
    fake.now += 10_000
    fake.add({ ...ours, state: '-4', approval: 'requested' })
    expect((await create()).change?.number).toBe('CHG0030003')
    expect(fake.writes).toEqual([
      'update CHG0030001 state=4 work_notes=Canceled: CHG0030003 is the change of this deployment.',
      'update CHG0030002 state=4'
    ])
  })

  it('one that was submitted since the list was read is left alone', async () => {
    fake.add({ ...ours, state: '-4', approval: 'requested' })
    const other = fake.add(ours)
    fake.after = verb => {
      if (verb === 'find') fake.set(other, { state: '-4', approval: 'requested' })
    }
    const { context } = await create()
    expect(context.told('duplicate-canceled')).toEqual([])
    expect(fake.writes).toEqual([])
  })

  it('one that cannot be canceled is an error, after a second request', async () => {
    fake.add({ ...ours, state: '-4', approval: 'requested' })
    fake.add(ours)
    fake.rule = ({ state: _, ...fields }) => fields
    expect(await problemOf(create(), 'not-canceled')).toMatchObject({ subject: { number: 'CHG0030002' } })
    expect(fake.writes).toEqual(['update CHG0030002 state=4', 'update CHG0030002 state=4'])
  })

  it('age is creation time, then number, and CHG999 comes before CHG1000', () => {
    const change = (number: string, createdAt: string) => ({ ...fake.add(), number, createdAt })
    const sorted = oldestFirst([
      change('CHG1000', '2026-11-21 12:00:00'),
      change('CHG999', '2026-11-21 12:00:00'),
      change('CHG0001', '2026-11-21 12:00:01')
    ])
    expect(sorted.map(one => one.number)).toEqual(['CHG999', 'CHG1000', 'CHG0001'])
  })

  it('a newer duplicate is canceled, and ours goes on', async () => {
    fake.after = verb => {
      if (verb !== 'create') return
      fake.now += 1_000
      fake.add(ours)
    }
    expect((await create()).change).toMatchObject({ number: 'CHG0030001', state: '-4' })
    expect(fake.get('sys-CHG0030002').state).toBe('4')
  })

  it('the job with the younger draft cancels it and goes on with the older one', async () => {
    fake.after = verb => {
      if (verb !== 'create') return
      fake.now -= 1_000
      fake.add(ours)
    }
    const { change, created, attached, context } = await create()
    expect(change).toMatchObject({ number: 'CHG0030002', state: '-4' })
    expect({ created, attached }).toEqual({ created: false, attached: ['CHG0030001', 'CHG0030002'] })
    expect(fake.get('sys-CHG0030001').state).toBe('4')
    expect(context.told('own-draft-canceled')).toMatchObject([
      { draft: { number: 'CHG0030001' }, kept: { number: 'CHG0030002' } }
    ])
  })

  it('the job with the younger draft does not go on with an older one that is something else', async () => {
    fake.after = verb => {
      if (verb !== 'create') return
      fake.now -= 1_000
      fake.add({ ...ours, type: 'emergency' })
    }
    expect((await problemOf(create(), 'differs')).subject?.number).toBe('CHG0030002')
    expect(fake.get('sys-CHG0030001').state).toBe('4')
    expect(fake.get('sys-CHG0030002').state).toBe('-5')
  })

  it('a draft that another job cancels is made anew, and not for ever', async () => {
    let made = 0
    const canceled = (times: number) => (verb: string) => {
      if (verb !== 'create' || made++ >= times) return
      fake.set(fake.rows.at(-1) ?? {}, { state: '4' })
    }
    fake.after = canceled(1)
    expect((await create()).change).toMatchObject({ number: 'CHG0030002', state: '-4' })
    made = 0
    fake.after = canceled(99)
    expect((await problemOf(create({ correlationId: 'gha-2' }), 'interference')).subject).toBeUndefined()
    expect(fake.writes.filter(line => line.startsWith('create')).length).toBe(2 + 3)
  })

  it('a draft that another job cancels while it is submitted is made anew, however the instance refuses', async () => {
    let refused = 0
    fake.rule = (fields, row) => {
      if (row.state?.value === '4') return {}
      if (fields.state !== '-4' || refused > 1) return fields
      refused += 1
      fake.set(row, { state: '4' })
      if (refused === 2) return {}
      throw clientProblem('business-rule', { operation: 'moving', status: 403 })
    }
    const { change, created } = await create()
    expect({ number: change?.number, state: change?.state, created }).toEqual({
      number: 'CHG0030003',
      state: '-4',
      created: true
    })
  })

  it('a draft that is refused and still there is that error', async () => {
    fake.fail('update', clientProblem('business-rule', { operation: 'moving', status: 403 }))
    const { facts } = await problemOf(create(), 'business-rule')
    expect(facts).toMatchObject({ transition: { next: 'assess' } })
  })

  it('a draft whose submission meets an outage is not taken for lost, even when it is canceled', async () => {
    fake.rule = (fields, row) => {
      if (fields.state !== '-4') return fields
      fake.set(row, { state: '4' })
      throw clientProblem('unavailable', { operation: 'moving', status: 503 })
    }
    await problemOf(create(), 'unavailable')
    expect(fake.rows).toHaveLength(1)
  })

  it('of three jobs at once one makes the change, and all go on with it', async () => {
    const jobs = await Promise.all([create(), create(), create()])
    expect(new Set(jobs.map(job => job.change?.number)).size).toBe(1)
    expect(fake.rows.map(row => row.state?.value).sort()).toEqual(['-4', '4', '4'])
    expect(jobs.filter(job => job.created)).toHaveLength(1)
  })
})

describe('a change of the same title', () => {
  const matchTitle = true

  it('is reused when it is the only one', async () => {
    fake.add({ short_description: 'Deploy shop' })
    fake.add({ short_description: 'deploy shop' })
    fake.add({ short_description: 'Deploy shop', state: '3' })
    expect(await create({ matchTitle })).toMatchObject({ created: false, change: { number: 'CHG0030001' } })
  })

  it('is not searched unless requested', async () => {
    fake.add({ short_description: 'Deploy shop' })
    expect((await create()).created).toBe(true)
  })

  it('is not searched where the change has none', async () => {
    fake.add({ short_description: '' })
    fake.add({ short_description: 'undefined' })
    expect((await create({ matchTitle, given: {} })).change?.number).toBe('CHG0030003')
  })

  it('is an error when there are several', async () => {
    fake.add({ short_description: 'Deploy shop' })
    fake.add({ short_description: 'Deploy shop' })
    const { facts } = await problemOf(create({ matchTitle }), 'ambiguous-title')
    expect(facts).toEqual({ title: 'Deploy shop', changes: ['CHG0030001', 'CHG0030002'] })
    expect(fake.writes).toEqual([])
  })

  it('is an error when it is something else', async () => {
    fake.add({ short_description: 'Deploy shop', type: 'emergency' })
    expect((await problemOf(create({ matchTitle }), 'differs')).subject?.number).toBe('CHG0030001')
  })

  it('is not searched when the title would be a query of its own', async () => {
    const title = 'fix^ORactive=true'
    const { created, context } = await create({ matchTitle, given: { short_description: title } })
    expect(created).toBe(true)
    expect(context.told('title-not-searched')).toEqual([{ type: 'title-not-searched', title }])
    expect(fake.log.some(line => line.startsWith('find') && line.includes('short_description'))).toBe(false)
  })
})
