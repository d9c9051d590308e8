import type { Change } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { problemOf } from '../testing/context.ts'
import { createOn } from '../testing/creation.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'
import type { CreateRequest } from './request.ts'

let instance: TestInstance

const create = (supplied: CreateRequest['supplied']) => createOn(instance, { supplied })

describe.each(APIS)('a supplied change (%s)', api => {
  const supplied = { number: 'chg0030001' }
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is given its files and submitted, and not touched otherwise', async () => {
    instance.plant({ short_description: 'By hand' })
    const { change, created, context } = await create(supplied)
    expect(context.told('change-used')).toMatchObject([{ change: { number: 'CHG0030001', state: '-5' } }])
    expect({ state: change?.state, created }).toEqual({ state: '-4', created: false })
    expect(instance.log).toEqual([
      'find number=chg0030001',
      'told CHG0030001 -5 false',
      'attach to CHG0030001',
      // The files may have taken long: somebody may have submitted it meanwhile.
      'get CHG0030001',
      'update CHG0030001 state=-4 work_notes=fingerprint',
      'told CHG0030001 -4 false'
    ])
    expect(instance.stored('CHG0030001').short_description).toBe('By hand')
  })

  it.each([
    ['closed', { state: '3' }, 'already-over', { state: 'closed' }],
    ['canceled', { state: '4' }, 'already-over', { state: 'canceled' }],
    ['rejected', { approval: 'rejected' }, 'rejected-before', {}]
  ] as const)(
    'that is %s is an error, before anything is done with it',
    async (outcome, fields, code, facts) => {
      instance.plant(fields)
      const problem = await problemOf(create(supplied), code)
      expect(problem).toMatchObject({ facts, outcome, subject: { number: 'CHG0030001' } })
      expect(instance.log).toHaveLength(1)
    }
  )

  it('is told when it is seen, also when it is refused', async () => {
    const { number } = instance.plant({ state: '3' })
    const seen: string[] = []
    const hooks = { onSeen: (change: Change) => void seen.push(change.number) }
    await problemOf(createOn(instance, { supplied }, hooks), 'already-over')
    expect(seen).toEqual([number])
  })

  it('may be refused by the caller before anything is done with it', async () => {
    instance.plant()
    const refuse = () => {
      throw new Error('not ours')
    }
    const hooks = { accept: refuse }
    await expect(createOn(instance, { supplied }, hooks)).rejects.toThrow('not ours')
    expect(instance.writes).toEqual([])
  })

  it('must be one: names that disagree, none or several are errors', async () => {
    const { sysId } = instance.plant()
    const disagreeing = { sysId, number: 'CHG0030002' }
    expect((await problemOf(create(disagreeing), 'names-disagree')).facts).toEqual({
      number: 'CHG0030001',
      sysId,
      given: { by: 'number', value: 'CHG0030002', has: 'CHG0030001' }
    })
    await problemOf(create({ number: 'CHG9' }), 'lookup-none')
    const second = instance.plant({ number: 'CHG0030001' })
    const { facts } = await problemOf(create(supplied), 'lookup-many')
    expect(facts).toMatchObject({
      kind: 'change number',
      name: 'chg0030001',
      candidates: [sysId, second.sysId].map(id => `${id}: state New, created 2026-11-21 12:00:00`)
    })
    const other = { sysId, correlationId: 'gha-9' }
    expect((await problemOf(create(other), 'names-disagree')).facts.given).toEqual({
      by: 'correlation-id',
      value: 'gha-9',
      has: ''
    })
    expect(instance.writes).toEqual([])
  })
})
