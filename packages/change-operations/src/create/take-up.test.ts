import { beforeEach, describe, expect, it } from '@jest/globals'
import { ChangeError } from '../flow.ts'
import { FakeInstance } from '../testing/fake-client.ts'
import { failure, flowOn } from '../testing/fake-flow.ts'
import type { Cell } from '../testing/fake-records.ts'
import { createChange } from './create.ts'
import type { CreateRequest } from './request.ts'
import { oldestFirst } from './rivals.ts'

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

async function create(more: Partial<CreateRequest> = {}, accept?: () => Promise<void>) {
  const flow = flowOn(fake)
  const attached: (string | undefined)[] = []
  const created = await createChange(
    flow,
    { ...request, ...more },
    {
      onChange: () => undefined,
      attach: async change => void attached.push(change?.number),
      ...(accept && { accept })
    }
  )
  return { ...created, flow, attached }
}

const ours = { correlation_id: 'gha-1', short_description: 'Deploy shop' }

describe('the open change of the same deployment', () => {
  it('in New is brought up to date with what was given, and submitted; defaults never overwrite', async () => {
    fake.add({ ...ours, short_description: 'Old title', description: 'by hand' })
    const note = { text: 'run 43', marker: '[gha 2]' }
    const { change, created, attached } = await create({ note })
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

  it('later than New is left as it is, with a warning for each difference', async () => {
    fake.add({ ...ours, short_description: 'Old title', state: '-2', approval: 'approved' })
    const { change, flow } = await create()
    expect(change?.state).toBe('-2')
    expect(fake.writes).toEqual([])
    expect(flow.told('warning')).toEqual([
      'CHG0030001 is in Scheduled already and is left as it is: short_description reads "Old title", the input says "Deploy shop".'
    ])
  })

  it.each<[string, Record<string, Cell>, Partial<CreateRequest>, string]>([
    ['the type', { type: 'emergency' }, {}, 'type is "emergency"'],
    ['the CI', { cmdb_ci: ['other', 'till'] }, { references: { cmdb_ci: 'shop' } }, 'cmdb_ci is "till"'],
    [
      'a CI given by sys_id',
      { cmdb_ci: ['other', 'till'] },
      { references: { cmdb_ci: CI } },
      'cmdb_ci is "till"'
    ],
    [
      'a CI nobody may look up',
      { cmdb_ci: ['other', 'till'] },
      { references: { cmdb_ci: 'web' } },
      'cmdb_ci is "till"'
    ],
    ['the parent', { parent: ['x', 'CHG1'] }, { parent: CI }, 'parent is "CHG1"']
  ])('that differs in %s is an error, and left alone', async (_, cells, more, text) => {
    fake.lookups['ci:web'] = 'hidden'
    fake.add({ ...ours, ...cells })
    const error = await failure(ChangeError, create(more))
    expect(error.title).toBe('Change CHG0030001: differs')
    expect(error.message).toContain(text)
    expect(fake.writes).toEqual([])
  })

  it('that was rejected is an error, unless it is to be submitted again', async () => {
    fake.add({ ...ours, approval: 'rejected' })
    expect(await failure(ChangeError, create())).toMatchObject({
      title: 'Change CHG0030001: rejected',
      outcome: 'rejected'
    })
    expect(fake.writes).toEqual([])
    expect((await create({ resubmit: true })).change).toMatchObject({ state: '-4', approval: 'requested' })
  })

  it('that is what is asked for by sys_id, or by a name that cannot be compared, is taken up', async () => {
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

  it('submitted again is not handed on before its old rejection is gone', async () => {
    const change = fake.add({ ...ours, approval: 'rejected' })
    let looks = 0
    fake.after = verb => {
      if (verb === 'update') fake.set(change, { approval: 'rejected' })
      if (verb === 'get') looks += 1
      if (looks === 3) fake.set(change, { approval: 'requested' })
    }
    expect((await create({ resubmit: true })).change?.approval).toBe('requested')
  })

  it('may be refused by the action before anything is done with it', async () => {
    fake.add({ ...ours, short_description: 'Old' })
    await expect(create({}, () => Promise.reject(new Error('foreign')))).rejects.toThrow('foreign')
    expect(fake.writes).toEqual([])
  })

  it('is not taken up when a new one is asked for, when it has ended, or when its id differs in case', async () => {
    fake.add({ ...ours, state: '0' })
    fake.add({ ...ours, correlation_id: 'GHA-1' })
    expect((await create()).change?.number).toBe('CHG0030003')
    expect((await create({ reuse: false })).change?.number).toBe('CHG0030004')
    expect(fake.get('sys-CHG0030003').state).toBe('-4')
  })

  it('that ended last becomes the parent of a new one, where asked for', async () => {
    fake.add({ ...ours, state: '3' })
    fake.now += 1_000
    fake.add({ ...ours, state: '0' })
    fake.now += 1_000
    // Drafts that lost a race are younger than the change that was carried out.
    fake.add({ ...ours, state: '4' })
    const { change } = await create({ linkPrevious: true })
    expect(change?.fields.parent?.value).toBe('sys-CHG0030002')
    expect((await create({ reuse: false })).change?.fields.parent).toBeUndefined()
  })
})

describe('of several', () => {
  it('the oldest counts, and drafts among the others are cancelled', async () => {
    fake.now += 5_000
    fake.add(ours)
    fake.now -= 5_000
    fake.add(ours)
    const { change, flow } = await create()
    expect(change?.number).toBe('CHG0030002')
    expect(fake.get('sys-CHG0030001').state).toBe('4')
    expect(flow.told('notice')).toEqual([
      'Canceled the draft CHG0030001: CHG0030002 is the change of this deployment.'
    ])
  })

  it('one whose approval was requested counts before an older draft', async () => {
    fake.add(ours)
    fake.now += 5_000
    fake.add({ ...ours, state: '-4', approval: 'requested' })
    expect((await create()).change?.number).toBe('CHG0030002')
    expect(fake.get('sys-CHG0030001').state).toBe('4')
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

  it('a newer rival draft is cancelled, and ours goes on', async () => {
    fake.after = verb => {
      if (verb !== 'create') return
      fake.now += 1_000
      fake.add(ours)
    }
    expect((await create()).change).toMatchObject({ number: 'CHG0030001', state: '-4' })
    expect(fake.get('sys-CHG0030002').state).toBe('4')
  })

  it('the loser cancels its own draft and goes on with the winner', async () => {
    fake.after = verb => {
      if (verb !== 'create') return
      fake.now -= 1_000
      fake.add(ours)
    }
    const { change, created, attached, flow } = await create()
    expect(change).toMatchObject({ number: 'CHG0030002', state: '-4' })
    expect({ created, attached }).toEqual({ created: false, attached: ['CHG0030001', 'CHG0030002'] })
    expect(fake.get('sys-CHG0030001').state).toBe('4')
    expect(flow.told('notice')).toEqual([expect.stringContaining('CHG0030001 was cancelled')])
  })

  it('the loser does not go on with a winner that is something else', async () => {
    fake.after = verb => {
      if (verb !== 'create') return
      fake.now -= 1_000
      fake.add({ ...ours, type: 'emergency' })
    }
    expect((await failure(ChangeError, create())).title).toBe('Change CHG0030002: differs')
    expect(fake.get('sys-CHG0030001').state).toBe('4')
    expect(fake.get('sys-CHG0030002').state).toBe('-5')
  })

  it('a draft that another job cancels is made anew, and not for ever', async () => {
    let made = 0
    const cancelled = (times: number) => (verb: string) => {
      if (verb !== 'create' || made++ >= times) return
      fake.set(fake.rows.at(-1) ?? {}, { state: '4' })
    }
    fake.after = cancelled(1)
    expect((await create()).change).toMatchObject({ number: 'CHG0030002', state: '-4' })
    made = 0
    fake.after = cancelled(99)
    expect((await failure(ChangeError, create({ correlationId: 'gha-2' }))).title).toContain(
      'other jobs interfere'
    )
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

  it('is taken up when it is the one', async () => {
    fake.add({ short_description: 'Deploy shop' })
    fake.add({ short_description: 'deploy shop' })
    fake.add({ short_description: 'Deploy shop', state: '3' })
    expect(await create({ matchTitle })).toMatchObject({ created: false, change: { number: 'CHG0030001' } })
  })

  it('is not looked for unless asked', async () => {
    fake.add({ short_description: 'Deploy shop' })
    expect((await create()).created).toBe(true)
  })

  it('is an error when there are several', async () => {
    fake.add({ short_description: 'Deploy shop' })
    fake.add({ short_description: 'Deploy shop' })
    const error = await failure(ChangeError, create({ matchTitle }))
    expect(error.message).toContain('CHG0030001, CHG0030002')
    expect(fake.writes).toEqual([])
  })

  it('is an error when it is something else', async () => {
    fake.add({ short_description: 'Deploy shop', type: 'emergency' })
    expect((await failure(ChangeError, create({ matchTitle }))).title).toBe('Change CHG0030001: differs')
  })

  it('is not looked for when the title would be a query of its own', async () => {
    const title = 'fix^ORactive=true'
    const { created, flow } = await create({ matchTitle, given: { short_description: title } })
    expect(created).toBe(true)
    expect(flow.told('notice')).toEqual([expect.stringContaining('is not looked for')])
    expect(fake.log.some(line => line.startsWith('find') && line.includes('short_description'))).toBe(false)
  })
})
