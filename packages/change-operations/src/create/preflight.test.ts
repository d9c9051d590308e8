import { beforeEach, describe, expect, it } from '@jest/globals'
import { problemOf } from '../testing/context.ts'
import { createOn, FIND } from '../testing/creation.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'
import type { CreateRequest } from './request.ts'

const WITHOUT_GROUP = { short_description: 'Deploy shop' }
const GROUP = { label: 'Assignment group', field: 'assignment_group' }
const SAMPLE = 'find type=normal^state=-5^assignment_groupISEMPTY'
let instance: TestInstance

const create = (more: Partial<CreateRequest> = {}, dryRun = false) =>
  createOn(instance, { given: WITHOUT_GROUP, ...more }, {}, dryRun)

/** Somebody's draft without a group. */
const plantSample = (fields = {}) =>
  instance.plant({ type: 'normal', state: '-5', assignment_group: '', ...fields })

describe.each(APIS)('a change without an assignment group (%s)', api => {
  it('is canceled by the step that made it, and the field is named', async () => {
    instance = startInstance({ api })
    const { facts, subject } = await problemOf(create(), 'missing-fields')
    expect(facts).toMatchObject({ fields: [GROUP], next: 'assess', change: 'canceled' })
    // The Table API names the rule alone, not the condition.
    expect(facts.refusal).toEqual(
      api === 'table' ? expect.stringContaining('Check State Transition') : undefined
    )
    expect(subject?.number).toBe('CHG0030001')
    expect(instance.stored('CHG0030001').state).toBe('4')
    expect(instance.log.at(-1)).toBe('told CHG0030001 4 true')
    expect(instance.sandbox.journal('CHG0030001').at(-1)?.text).toBe(
      'Canceled: approval cannot be requested without Assignment group.'
    )
  })

  it('is submitted where the instance fills the group in', async () => {
    instance = startInstance({ api })
    instance.sandbox.addRule({
      name: 'Group of all changes',
      table: 'change_request',
      run: ({ after }) => (after.assignment_group === '' ? { assignment_group: 'x'.repeat(32) } : undefined)
    })
    expect((await create()).change).toMatchObject({ state: '-4' })
    expect(instance.log.filter(line => line.startsWith('nextstates'))).toEqual([])
  })

  it('stays in New where no approval is requested, and nothing is asked', async () => {
    instance = startInstance({ api })
    const { change, context } = await create({ requestApproval: false })
    expect(change?.state).toBe('-5')
    expect(context.told('group-not-checked')).toEqual([])
    expect(instance.log.map(line => line.split(' ')[0])).toEqual([
      'find',
      'create',
      'told',
      'attach',
      'find',
      'told'
    ])
  })

  it('costs nothing where the group is given', async () => {
    instance = startInstance({ api })
    plantSample()
    const { context } = await create({ given: {}, references: { assignment_group: 'DevOps Team' } })
    expect(context.told('group-not-checked')).toEqual([])
    expect(instance.log.filter(line => /^(find type|nextstates)/.test(line))).toEqual([])
  })

  it('is said not to be checked by a dry run that finds nothing to ask', async () => {
    instance = startInstance({ api })
    const { context } = await create({}, true)
    expect(context.told('group-not-checked')).toEqual([{ type: 'group-not-checked', dryRun: true }])
  })
})

describe('before a draft is made without a group', () => {
  beforeEach(() => {
    instance = startInstance()
  })

  it.each([false, true])(
    'the instance is asked about another draft without one (dry run: %s)',
    async dryRun => {
      plantSample()
      const { facts, subject } = await problemOf(create({}, dryRun), 'missing-fields')
      expect(facts).toEqual({ fields: [GROUP], next: 'assess', change: 'none' })
      expect(subject).toBeUndefined()
      expect(instance.log).toEqual([FIND, SAMPLE, 'nextstates'])
    }
  )

  it.each([
    ['of another model', { chg_model: 'e55d0bfec343101035ae3f52c1d3ae49' }, {}],
    [
      'that may get its group from a configuration item',
      {},
      { given: { ...WITHOUT_GROUP, cmdb_ci: 'a'.repeat(32) } }
    ]
  ])('a draft %s proves nothing', async (_, sample, more) => {
    plantSample(sample)
    const { context } = await create(more, true)
    expect(context.told('group-not-checked')).toHaveLength(1)
  })

  it('an instance that does not let the question through is no reason to stop', async () => {
    instance = startInstance({ unreadableFields: ['assignment_group'] })
    plantSample()
    const { context } = await create({}, true)
    expect(context.told('group-not-checked')).toHaveLength(1)
  })
})

describe('a draft whose first move is refused', () => {
  it.each(APIS)('for fields of a data policy is canceled, with its files (%s)', async api => {
    instance = startInstance({ api, extraMandatory: { assess: ['justification', 'review_comments'] } })
    const { facts } = await problemOf(
      create({ references: { assignment_group: 'DevOps Team' } }),
      'missing-fields'
    )
    expect(facts).toEqual({
      fields: [
        { label: 'Justification', field: 'justification' },
        { label: 'Review comments', field: undefined }
      ],
      next: 'assess',
      change: 'canceled'
    })
    expect(instance.log).toContain('attach to CHG0030001')
    expect(instance.stored('CHG0030001').state).toBe('4')
  })

  it('for another reason is left in New', async () => {
    instance = startInstance()
    instance.fail('update', { kind: 'business-rule' })
    await problemOf(create({ references: { assignment_group: 'DevOps Team' } }), 'business-rule')
    expect(instance.stored('CHG0030001').state).toBe('-5')
  })

  it('is said to be left where it cannot be canceled', async () => {
    instance = startInstance({ extraMandatory: { assess: 'justification', canceled: 'reason' } })
    const { facts } = await problemOf(
      create({ references: { assignment_group: 'DevOps Team' } }),
      'missing-fields'
    )
    expect(facts.change).toBe('left')
    expect(instance.stored('CHG0030001').state).toBe('-5')
  })
})

describe.each([false, true])('a change that was there before, without a group (dry run: %s)', dryRun => {
  it.each([
    ['named', (number: string) => ({ supplied: { number } })],
    ['reused', () => ({})]
  ] as const)('and is %s, is left as it is before anything is attached', async (origin, about) => {
    instance = startInstance()
    const { number } = plantSample({ correlation_id: 'gha-1', ...WITHOUT_GROUP })
    const { facts, subject } = await problemOf(create(about(number), dryRun), 'missing-fields')
    expect(facts).toMatchObject({ fields: [GROUP], change: origin })
    expect(subject?.number).toBe(number)
    expect(instance.writes).toEqual([])
    expect(instance.log.filter(line => line.startsWith('attach'))).toEqual([])
  })

  it('is reused where the inputs give the group', async () => {
    instance = startInstance()
    plantSample({ correlation_id: 'gha-1', ...WITHOUT_GROUP })
    const { created } = await create({ references: { assignment_group: 'DevOps Team' } }, dryRun)
    expect(created).toBe(false)
  })
})

describe('a reused change whose first move is refused', () => {
  it('for fields that it does not have is left in New', async () => {
    instance = startInstance({ extraMandatory: { assess: 'justification' } })
    const draft = plantSample({ correlation_id: 'gha-1', ...WITHOUT_GROUP, assignment_group: 'x'.repeat(32) })
    const { facts } = await problemOf(create(), 'missing-fields')
    expect(facts).toMatchObject({ fields: [{ field: 'justification' }], change: 'reused' })
    expect(instance.stored(draft).state).toBe('-5')
  })
})
