import { seedId } from '@change-actions/sandbox'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { bindingFor } from '../deployment-texts.ts'
import { bindingLine } from '../own/identity.ts'
import { problemOf } from '../testing/context.ts'
import { createOn, GIVEN } from '../testing/creation.ts'
import { BOUND, DEPLOYMENT, IDENTITY } from '../testing/deployment.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'
import { GROUP } from '../testing/records.ts'
import type { CreateHooks, CreateRequest } from './request.ts'

const CI = seedId('cmdb_ci', 'prod-k8s-cluster')
const OTHER_CI = seedId('cmdb_ci', 'production-k8s-cluster')
const OTHER_GROUP = seedId('sys_user_group', 'platform-team')
/** An account that may not look up names. */
const NARROW = { user: 'gha.narrow', deniedLookups: 'forbidden' } as const
const OURS = { correlation_id: 'gha-1', short_description: 'Deploy shop' }
let instance: TestInstance

const create = (more: Partial<CreateRequest> = {}, hooks: Partial<CreateHooks> = {}, dryRun = false) =>
  createOn(instance, { generated: { description: 'generated' }, ...more }, hooks, dryRun)

describe.each(APIS)('the open change of the same deployment (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('in New is brought up to date with what was given, and submitted; defaults never overwrite', async () => {
    instance.plant({ ...OURS, short_description: 'Old title', description: 'by hand' })
    const note = { text: 'run 43', marker: '[gha 2]' }
    const { change, created, attached, context } = await create({ note })
    expect(context.told('change-reused')).toMatchObject([{ change: { number: 'CHG0030001', state: '-5' } }])
    expect({ number: change?.number, state: change?.state, created, attached }).toEqual({
      number: 'CHG0030001',
      state: '-4',
      created: false,
      attached: ['CHG0030001']
    })
    expect(instance.writes).toEqual([
      'update CHG0030001 short_description=Deploy shop work_notes=run 43 [gha 2]',
      'update CHG0030001 state=-4 work_notes=fingerprint'
    ])
    expect(instance.stored('CHG0030001')).toMatchObject({
      short_description: 'Deploy shop',
      description: 'by hand'
    })
  })

  it('later than New is left as it is, and each difference is told', async () => {
    instance.plant({ ...OURS, short_description: 'Old title', state: '-2', approval: 'approved' })
    const { change, context } = await create()
    expect(change?.state).toBe('-2')
    expect(instance.writes).toEqual([])
    expect(context.told('field-left')).toMatchObject([
      {
        change: { number: 'CHG0030001', state: '-2' },
        difference: { field: 'short_description', got: 'Old title', sent: 'Deploy shop' }
      }
    ])
  })

  it.each<[string, Record<string, string>, Partial<CreateRequest>, string, string, object]>([
    ['the type', { type: 'emergency' }, {}, 'type', 'Emergency', {}],
    [
      'the CI',
      { cmdb_ci: OTHER_CI },
      { references: { cmdb_ci: 'prod-k8s-cluster' } },
      'cmdb_ci',
      'production-k8s-cluster',
      {}
    ],
    [
      'a CI given by sys_id',
      { cmdb_ci: OTHER_CI },
      { references: { cmdb_ci: CI } },
      'cmdb_ci',
      'production-k8s-cluster',
      {}
    ],
    [
      'a CI that may not be looked up',
      { cmdb_ci: OTHER_CI },
      { references: { cmdb_ci: 'prod-k8s-cluster' } },
      'cmdb_ci',
      'production-k8s-cluster',
      NARROW
    ],
    ['the parent', { parent: CI }, { parent: OTHER_CI }, 'parent', 'CHG0000042', {}]
  ])('that differs in %s is an error, and left alone', async (_, fields, more, field, display, options) => {
    instance = startInstance({ api, ...options })
    instance.plant({ ...OURS, ...fields })
    instance.plant({ sys_id: CI, number: 'CHG0000042' })
    const { facts, subject } = await problemOf(create(more), 'differs')
    expect(facts).toEqual({ fields: [{ field, display }] })
    expect(subject?.number).toBe('CHG0030001')
    expect(instance.writes).toEqual([])
  })

  it('that was rejected is an error, unless it is to be submitted again', async () => {
    instance.plant({ ...OURS, approval: 'rejected' })
    expect(await problemOf(create(), 'rejected-before')).toMatchObject({
      subject: { number: 'CHG0030001' },
      outcome: 'rejected'
    })
    expect(instance.writes).toEqual([])
    expect((await create({ resubmit: true })).change?.state).toBe('-4')
    instance.clock.advance(1_000)
    expect(instance.stored('CHG0030001').approval).toBe('requested')
  })

  it('that is what is requested by sys_id, or by a name that cannot be compared, is reused', async () => {
    instance = startInstance({ api, ...NARROW })
    instance.plant({ ...OURS, cmdb_ci: CI })
    expect((await create({ references: { cmdb_ci: CI } })).created).toBe(false)
    const cmdb_ci = instance.sandbox.insert('cmdb_ci', { name: '' })
    instance.plant({ ...OURS, correlation_id: 'gha-2', cmdb_ci })
    const more = { references: { cmdb_ci: 'web' }, correlationId: 'gha-2' }
    expect((await create(more)).created).toBe(false)
  })

  it('that another job submitted while files were attached is not submitted again', async () => {
    const change = instance.plant({ ...OURS, short_description: 'Old' })
    instance.after('update', () => instance.set(change, { state: '-2', approval: 'approved' }))
    expect((await create()).change).toMatchObject({ state: '-2', approval: 'approved' })
    expect(instance.writes).toEqual(['update CHG0030001 short_description=Deploy shop'])
  })

  it('that a rule sets back in what matters is not submitted', async () => {
    instance.plant({ ...OURS, assignment_group: OTHER_GROUP })
    const run = () => ({ assignment_group: OTHER_GROUP })
    instance.sandbox.addRule({ table: 'change_request', name: 'One group for all', run })
    const updated = create({ references: { assignment_group: 'DevOps Team' } })
    const { facts } = await problemOf(updated, 'not-applied')
    expect(facts).toMatchObject({
      during: 'create',
      differences: [{ field: 'assignment_group', got: OTHER_GROUP }]
    })
    expect(instance.stored('CHG0030001').state).toBe('-5')
  })

  it('bound to another commit is bound to this one while it is in New, with a note', async () => {
    const other = bindingFor({ ...DEPLOYMENT, commit: '0'.repeat(39).concat('1'), run: '42' })
    instance.plant({ ...OURS, correlation_display: other })
    expect((await create()).change?.correlationDisplay).toBe(BOUND)
    const notes = instance.sandbox.journal('CHG0030001').map(note => note.text)
    expect(notes.join('\n')).toContain('[gha2 bound ')
  })

  it('bound to another run is used as it is, and a note says so', async () => {
    const other = bindingFor({ ...DEPLOYMENT, run: '42' })
    instance.plant({ ...OURS, correlation_display: other, state: '-4', approval: 'requested' })
    for (let n = 0; n < 2; n += 1) expect((await create()).change?.correlationDisplay).toBe(other)
    expect(instance.sandbox.journal('CHG0030001')).toHaveLength(1)
    expect(instance.sandbox.journal('CHG0030001').at(0)?.text).toContain(' 1001 ')
  })

  it.each(['', 'of another tool'])('whose binding reads "%s" is left alone, with an error', async text => {
    instance.plant({ ...OURS, correlation_display: text })
    const { facts, outcome } = await problemOf(create(), 'unbound')
    expect(facts).toMatchObject({ reason: { code: 'binding-lost' } })
    expect(outcome).toBe('unbound')
    expect(instance.writes).toEqual([])
  })

  it('is not reused when a new one is requested, when it has ended, or when its id differs in case', async () => {
    instance.plant({ ...OURS, state: '0' })
    instance.plant({ ...OURS, correlation_id: 'GHA-1' })
    expect((await create()).change?.number).toBe('CHG0030003')
    expect((await create({ reuse: false })).change?.number).toBe('CHG0030004')
    expect(instance.stored('CHG0030003').state).toBe('-4')
  })
})

describe.each(APIS)('a change submitted again (%s)', api => {
  /** The instance makes the new approvals after this time; until then the change carries its old rejection. */
  const oldRejection = (approvalDelayMs: number) => {
    instance = startInstance({ api, approvalDelayMs })
    instance.plant({ ...OURS, approval: 'rejected' })
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'Keeps the old rejection',
      run: ({ before, after }) =>
        before?.state === '-5' && after.state === '-4' ? { approval: 'rejected' } : undefined
    })
  }

  it('is not passed on before its old rejection is gone', async () => {
    oldRejection(2_500)
    const { change, context } = await create({ resubmit: true })
    expect(change).toMatchObject({ state: '-3', approval: 'requested' })
    expect(context.slept).toEqual([1_000, 1_000, 1_000])
  })

  it('is passed on with it after ten seconds', async () => {
    oldRejection(60_000)
    const { change, context } = await create({ resubmit: true })
    expect(change).toMatchObject({ state: '-4', approval: 'rejected' })
    expect(context.slept).toHaveLength(10)
  })
})

describe('names that only the instance can resolve, on the Table API', () => {
  const names = { references: { assignment_group: 'DevOps Team' }, choices: { risk: 'Low' } }
  const unnamed = { ...OURS, assignment_group: '' }
  beforeEach(() => {
    instance = startInstance({ api: 'table', ...NARROW })
  })

  it('are set on a draft whose job was killed before it had set them', async () => {
    instance.plant(unnamed)
    const { change } = await create(names)
    expect(change).toMatchObject({
      state: '-4',
      fields: { assignment_group: { value: GROUP }, risk: { value: '4' } }
    })
    expect(instance.writes[0]).toBe('update CHG0030001 assignment_group=DevOps Team risk=Low (by name)')
  })

  it('are not set again where the draft shows them, nor over another group', async () => {
    instance.plant({ ...OURS, risk: '4' })
    await create(names)
    instance.plant({ ...OURS, correlation_id: 'gha-2', assignment_group: OTHER_GROUP, risk: '4' })
    await create({ ...names, correlationId: 'gha-2' })
    expect(instance.writes).toEqual([
      'update CHG0030001 state=-4 work_notes=fingerprint',
      'update CHG0030002 state=-4 work_notes=fingerprint'
    ])
  })

  it('are left alone later than New', async () => {
    instance.plant({ ...unnamed, state: '-4', approval: 'requested' })
    await create(names)
    expect(instance.writes).toEqual([])
  })

  it('that it does not know either are an error, and the change is left', async () => {
    instance.plant(unnamed)
    const unknown = { ...names, references: { assignment_group: 'DevOps Crew' } }
    const { facts, subject } = await problemOf(create(unknown), 'not-resolved')
    expect(facts).toEqual({
      values: [{ field: 'assignment_group', value: 'DevOps Crew' }],
      draft: undefined
    })
    expect(subject?.number).toBe('CHG0030001')
    expect(instance.stored('CHG0030001').state).toBe('-5')
  })

  it('are told in a dry run', async () => {
    instance.plant(unnamed)
    const { context } = await create(names, {}, true)
    expect(context.planned()).toMatchObject([
      { type: 'write-by-name', fields: ['assignment_group', 'risk'] },
      { type: 'move' }
    ])
    expect(instance.writes).toEqual([])
  })
})

describe.each(APIS)('a draft made a moment ago (%s)', api => {
  const hooks = { attaches: true }
  const bound = { correlationDisplay: BOUND }
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is left to its own job, and reused as that left it', async () => {
    const draft = instance.plant(OURS)
    instance.clock.after(5_000, () => instance.set(draft, { state: '-4', approval: 'requested' }))
    const { change, context } = await create({}, hooks)
    expect(change?.state).toBe('-4')
    expect(instance.writes).toEqual([])
    expect(context.told('waiting-for-own-job')).toMatchObject([{ change: { number: draft.number } }])
    expect(instance.clock.now()).toBeGreaterThanOrEqual(Date.parse('2026-11-21T12:00:05Z'))
  })

  it('whose job does nothing more is reused when it is twenty seconds old', async () => {
    instance.plant(OURS)
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
    instance.plant({ ...OURS, ...GIVEN, correlation_display: bound.correlationDisplay })
    expect((await create(more, moreHooks, dryRun)).context.slept).toEqual([])
  })
})

describe.each(APIS)('changes of others under the same correlation id (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('are neither reused nor canceled, and a warning names them', async () => {
    instance.plant({ ...OURS, sys_created_by: 'anna.approver' })
    instance.plant({ ...OURS, sys_created_by: 'anna.approver', state: '-2', approval: 'approved' })
    instance.forget()
    const { change, created, context } = await create()
    expect([change?.number, created]).toEqual(['CHG0030003', true])
    expect(context.told('not-ours')).toMatchObject([
      { change: { number: 'CHG0030001' }, why: 'creator', creator: 'anna.approver' },
      { change: { number: 'CHG0030002' }, why: 'creator' }
    ])
    expect(instance.writes.join()).not.toMatch(/CHG003000[12]/)
    expect(instance.stored('CHG0030001').state).toBe('-5')
  })

  it('of a trusted account are ours, whatever the case of its name', async () => {
    instance.plant({ ...OURS, sys_created_by: 'Anna.Approver' })
    const identity = { ...IDENTITY, trustedAccounts: ['anna.APPROVER'] }
    expect((await create({ identity })).created).toBe(false)
  })

  it('of another repository are left alone, although our account made them', async () => {
    const elsewhere = bindingFor({ ...DEPLOYMENT, repository: 'acme/other' })
    instance.plant({ ...OURS, correlation_display: elsewhere })
    const { created, context } = await create()
    expect(created).toBe(true)
    expect(context.told('not-ours')).toMatchObject([{ why: 'bound-elsewhere' }])
  })

  it('cannot be told where the creator may not be read: nothing is reused, and nothing made', async () => {
    instance = startInstance({ api, unreadableFields: ['sys_created_by'] })
    instance.plant(OURS)
    await problemOf(create(), 'creator-unreadable')
    expect(instance.writes).toEqual([])
    expect(instance.sandbox.rows('change_request')).toHaveLength(1)
  })

  it('are told by trusted accounts, or by what is made, where the instance does not say who asks', async () => {
    instance = startInstance({ api, evaluateQueryScripts: false })
    instance.plant(OURS)
    const named = { ...IDENTITY, trustedAccounts: ['gha.deployer'] }
    expect((await create({ identity: named })).created).toBe(false)
    // Who made the new one made the old one too.
    expect((await create()).change?.number).toBe('CHG0030001')
  })

  it('cost one request more, and none where there is no other change', async () => {
    await create()
    const first = instance.log.length
    instance.forget()
    instance.plant({ ...OURS, correlation_id: 'gha-2', sys_created_by: 'anna.approver' })
    await create({ correlationId: 'gha-2' })
    expect(instance.log).toHaveLength(first + 1)
  })
})

describe.each(APIS)('with a key (%s)', api => {
  const identity = { ...IDENTITY, bindingKey: 'secret' }
  const line = (id = 'gha-1') => bindingLine(identity, { instance: 'https://acme.service-now.com' }, id)
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('a change is made with a signed binding and a signed note', async () => {
    const { change } = await create({ identity, correlationDisplay: line() })
    expect(change?.correlationDisplay).toMatch(/^gha2 .* [0-9a-f]{12}$/)
    const notes = instance.sandbox.journal('CHG0030001').map(note => note.text)
    expect(notes).toEqual([
      expect.stringMatching(/\[gha2 bound .* #[0-9a-f]{12}\]$/),
      expect.stringMatching(/\[gha2 fields .* #[0-9a-f]{12}\]$/)
    ])
  })

  it('a change without a signature of it is left alone', async () => {
    instance.plant(OURS)
    instance.plant({ ...OURS, correlation_display: line('gha-2') })
    const { created, context } = await create({ identity, correlationDisplay: line() })
    expect(created).toBe(true)
    expect(context.told('not-ours')).toHaveLength(2)
    expect((await create({ identity, correlationDisplay: line() })).created).toBe(false)
  })
})
