import { beforeEach, describe, expect, it } from '@jest/globals'
import { findNamed } from './named-change.ts'
import { contextOn, problemOf } from './testing/context.ts'
import { APIS, momentAt, startInstance, type TestInstance } from './testing/instance.ts'

let instance: TestInstance

/** Changes of one deployment by their states, made in this order or at these seconds. */
async function deployment(states: readonly string[], seconds = states.map((_, n) => n)): Promise<void> {
  for (const [n, state] of states.entries()) {
    const sys_created_on = momentAt((seconds[n] ?? 0) * 1_000)
    await instance.add({ correlation_id: 'gha-1', state, sys_created_on })
  }
}

describe.each(APIS)('a change named by its correlation id (%s)', api => {
  const name = { correlationId: 'gha-1' }
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each([
    ['the only one', ['-2'], 'CHG0030001'],
    ['the open one before those that ended', ['3', '-1', '4'], 'CHG0030002'],
    ['one in Review, which is not closed', ['3', '0', '3'], 'CHG0030002'],
    ['of several that are closed, the one that was made last', ['3', '3', '3'], 'CHG0030003'],
    ['the closed one before younger ones that are canceled', ['3', '4', '4'], 'CHG0030001'],
    ['of several that are canceled, the one that was made last', ['4', '4'], 'CHG0030002']
  ])('is %s', async (_, states, number) => {
    await deployment(states)
    const context = contextOn(instance)
    expect((await findNamed(context, name)).number).toBe(number)
    expect(context.events).toEqual([])
  })

  it.each([
    ['closed', ['3', '3', '3']],
    ['canceled', ['4', '4', '4']]
  ])('is the one that was made last of several that are %s, whatever their numbers', async (_, states) => {
    await deployment(states, [1, 9, 4])
    expect((await findNamed(contextOn(instance), name)).number).toBe('CHG0030002')
  })

  it('is the oldest of several open ones, and that there are several is told', async () => {
    await deployment(['-2', '-1', '3'], [9, 0, 1])
    const context = contextOn(instance)
    expect((await findNamed(context, name)).number).toBe('CHG0030002')
    const changes = [{ number: 'CHG0030002' }, { number: 'CHG0030001' }]
    expect(context.told('several-open')).toMatchObject([{ correlationId: 'gha-1', changes }])
  })

  it('is the open one, also when very many have ended since', async () => {
    await deployment(['-1', ...Array<string>(120).fill('3')])
    expect((await findNamed(contextOn(instance), name)).number).toBe('CHG0030001')
  })

  it('is meant to the letter', async () => {
    await instance.add({ correlation_id: 'GHA-1' })
    const { facts } = await problemOf(findNamed(contextOn(instance), name), 'lookup-none')
    expect(facts).toMatchObject({ kind: 'correlation id', name: 'gha-1', candidates: [] })
  })
})

describe.each(APIS)('a change named in several ways (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is found when they agree, whatever the case of the number', async () => {
    const { sysId } = await instance.add({ correlation_id: 'gha-1' })
    const name = { sysId, number: 'chg0030001', correlationId: 'gha-1' }
    expect((await findNamed(contextOn(instance), name)).number).toBe('CHG0030001')
    expect(instance.log).toEqual(['get CHG0030001'])
  })

  it('is an error when its number and its correlation id disagree', async () => {
    await instance.add({ correlation_id: 'gha-2' })
    const name = { number: 'CHG0030001', correlationId: 'gha-1' }
    const problem = await problemOf(findNamed(contextOn(instance), name), 'names-disagree')
    expect(problem.subject).toBeUndefined()
    expect(problem.facts).toEqual({
      number: 'CHG0030001',
      sysId: undefined,
      given: { by: 'correlation-id', value: 'gha-1', has: 'gha-2' }
    })
  })

  it('is an error when it is not named at all', async () => {
    expect((await problemOf(findNamed(contextOn(instance), {}), 'no-change-named')).facts).toEqual({})
    expect(instance.log).toEqual([])
  })
})
