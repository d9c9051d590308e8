import { beforeEach, describe, expect, it } from '@jest/globals'
import { problemOf } from '../testing/context.ts'
import { createOn, GIVEN } from '../testing/creation.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'
import { GROUP } from '../testing/records.ts'
import type { CreateRequest } from './request.ts'

/** A sys_id that no record has. */
const UNKNOWN = 'd625dccec0a8016700a222a0f7900d06'
let instance: TestInstance

const create = (more: Partial<CreateRequest>) => createOn(instance, more)

describe.each(APIS)('a name that only the instance can resolve (%s)', api => {
  const references = { assignment_group: 'DevOps Team' }
  beforeEach(() => {
    instance = startInstance({ api, user: 'gha.narrow', deniedLookups: 'forbidden' })
  })

  it('is believed when the record shows that it was', async () => {
    const { change } = await create({ references })
    expect(change).toMatchObject({ state: '-4', fields: { assignment_group: { value: GROUP } } })
  })

  it('goes out with the creation, or in a request of its own on the Table API', async () => {
    await create({ references })
    expect(instance.writes).toEqual(
      api === 'table'
        ? [
            'create normal short_description=Deploy shop correlation_id=gha-1',
            'update CHG0030001 assignment_group=DevOps Team (by name)',
            'update CHG0030001 state=-4 work_notes=fingerprint'
          ]
        : [
            'create normal short_description=Deploy shop assignment_group=DevOps Team correlation_id=gha-1',
            'update CHG0030001 state=-4 work_notes=fingerprint'
          ]
    )
  })

  it('ends the draft when it was not: a change without its group may lose its approvers', async () => {
    const unknown = { assignment_group: 'DevOps Crew' }
    const { facts, subject } = await problemOf(create({ references: unknown }), 'not-resolved')
    expect(facts).toEqual({
      values: [{ field: 'assignment_group', value: 'DevOps Crew' }],
      draft: 'CHG0030001'
    })
    expect(subject).toBeUndefined()
    expect(instance.stored('CHG0030001').state).toBe('4')
    expect(instance.writes.at(-1)).toMatch(/^update CHG0030001 state=4 work_notes=Canceled: assignment_group/)
  })

  it('is unknown at once where the instance tells that no record has it', async () => {
    instance = startInstance({ api, user: 'gha.narrow' })
    await problemOf(create({ references: { assignment_group: 'DevOps Crew' } }), 'lookup-none')
    expect(instance.writes).toEqual([])
  })

  it('as a sys_id that may not be looked up is believed', async () => {
    const { change } = await create({ references: { assignment_group: UNKNOWN } })
    expect(change).toMatchObject({ state: '-4', fields: { assignment_group: { value: UNKNOWN } } })
  })
})

describe.each(APIS)('a sys_id (%s)', api => {
  const references = { assignment_group: UNKNOWN }
  const lookedUp = `look-up sys_user_group sys_id=${UNKNOWN}`
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('must be that of a record', async () => {
    await problemOf(create({ references }), 'not-resolved')
    expect(instance.log).toContain(lookedUp)
    expect(instance.stored('CHG0030001').state).toBe('4')
  })

  it('is believed without a look-up where the record shows its name', async () => {
    expect((await create({ references: { assignment_group: GROUP } })).change?.state).toBe('-4')
    expect(instance.log.some(line => line.startsWith('look-up'))).toBe(false)
  })

  it.each([UNKNOWN, ''])('is looked up where the record shows nothing but the sys_id: "%s"', async name => {
    instance.sandbox.insert('sys_user_group', { sys_id: UNKNOWN, name, active: 'true' })
    expect((await create({ references })).change?.state).toBe('-4')
    expect(instance.log).toContain(lookedUp)
  })

  it('of a parent must be that of a record', async () => {
    const { facts } = await problemOf(create({ parent: UNKNOWN.toUpperCase() }), 'not-resolved')
    expect(facts).toEqual({ values: [{ field: 'parent', value: UNKNOWN }], draft: 'CHG0030001' })
    expect(instance.log).toContain(`look-up task sys_id=${UNKNOWN}`)
    expect(instance.stored('CHG0030001').state).toBe('4')
    instance.plant({ sys_id: UNKNOWN, number: 'CHG0000042' })
    const { change } = await create({ parent: UNKNOWN })
    expect(change).toMatchObject({
      state: '-4',
      fields: { parent: { value: UNKNOWN, display: 'CHG0000042' } }
    })
  })

  it('of a parent given by number is that of one change, or nothing is made', async () => {
    const { sysId } = instance.plant({ number: 'CHG0000042' })
    const { change } = await create({ parent: 'chg0000042' })
    expect(change?.fields.parent?.value).toBe(sysId)
    instance.forget()
    const { facts } = await problemOf(create({ parent: 'CHG9' }), 'lookup-none')
    expect(facts).toMatchObject({ kind: 'change number', name: 'CHG9', candidates: [] })
    expect(instance.writes).toEqual([])
  })
})

describe('a choice whose list may not be read', () => {
  it.each([
    ['risk', 'Low', 'Low', 'ends the draft'],
    ['risk', 'Low', '4', 'passes'],
    ['category', 'Network', 'Network', 'passes'],
    ['category', 'Network', '', 'ends the draft'],
    ['category', 'Network', 'other', 'ends the draft'],
    ['priority', 'High', 'High', 'ends the draft'],
    ['impact', 'High', 'High', 'ends the draft'],
    ['urgency', 'High', 'High', 'ends the draft']
  ])('of %s, %s stored as "%s", %s', async (field, text, stored, end) => {
    instance = startInstance({ user: 'gha.narrow' })
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'Stores it so',
      run: ({ before }) => (before === undefined ? { [field]: stored } : undefined)
    })
    const made = create({ choices: { [field]: text } })
    if (end === 'passes') expect((await made).change?.state).toBe('-4')
    else expect((await problemOf(made, 'not-resolved')).facts.values).toEqual([{ field, value: text }])
  })

  it.each(APIS)('is resolved by the instance (%s)', async api => {
    instance = startInstance({ api, user: 'gha.narrow' })
    const { change } = await create({ choices: { risk: 'High', category: 'Network' } })
    expect(change?.fields).toMatchObject({ risk: { value: '2' }, category: { value: 'Network' } })
    expect(change?.state).toBe('-4')
  })

  it.each(APIS)('ends the draft where the instance does not know it either (%s)', async api => {
    instance = startInstance({ api, user: 'gha.narrow' })
    const { facts } = await problemOf(create({ choices: { risk: 'Lowish' } }), 'not-resolved')
    expect(facts.values).toEqual([{ field: 'risk', value: 'Lowish' }])
    expect(instance.stored('CHG0030001')).toMatchObject({
      state: '4',
      short_description: GIVEN.short_description
    })
  })
})
