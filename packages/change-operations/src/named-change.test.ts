import { beforeEach, describe, expect, it } from '@jest/globals'
import { findNamed } from './named-change.ts'
import { contextOn, problemOf } from './testing/fake-context.ts'
import { FakeInstance } from './testing/fake-instance.ts'

let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

/** Changes of one deployment, a second apart, by their states. */
function deployment(...states: string[]): void {
  for (const state of states) {
    fake.add({ correlation_id: 'gha-1', state })
    fake.now += 1_000
  }
}

describe('a change named by its correlation id', () => {
  const name = { correlationId: 'gha-1' }

  it.each([
    ['the only one', ['-2'], 'CHG0030001'],
    ['the open one before those that ended', ['3', '-1', '4'], 'CHG0030002'],
    ['one in Review, which is not closed', ['3', '0', '3'], 'CHG0030002'],
    ['of several that are closed, the one that was made last', ['3', '3', '3'], 'CHG0030003'],
    ['the closed one before younger ones that are canceled', ['3', '4', '4'], 'CHG0030001'],
    ['of several that are canceled, the one that was made last', ['4', '4'], 'CHG0030002']
  ])('is %s', async (_, states, number) => {
    deployment(...states)
    const context = contextOn(fake)
    expect((await findNamed(context, name)).number).toBe(number)
    expect(context.events).toEqual([])
  })

  it('is the oldest of several open ones, and that there are several is told', async () => {
    fake.now += 9_000
    deployment('-2')
    fake.now -= 9_000
    deployment('-1', '3')
    const context = contextOn(fake)
    expect((await findNamed(context, name)).number).toBe('CHG0030002')
    const changes = [{ number: 'CHG0030002' }, { number: 'CHG0030001' }]
    expect(context.told('several-open')).toMatchObject([{ correlationId: 'gha-1', changes }])
  })

  it('is the open one, also when very many have ended since', async () => {
    deployment('-1', ...Array.from({ length: 120 }, () => '3'))
    const { client } = fake
    const findNewest: typeof client.changes.findNewest = async (query, operation) =>
      (await client.changes.find(query, operation)).slice(-100)
    const context = contextOn(fake, { client: { ...client, changes: { ...client.changes, findNewest } } })
    expect((await findNamed(context, name)).number).toBe('CHG0030001')
  })

  it('is meant to the letter', async () => {
    fake.add({ correlation_id: 'GHA-1' })
    const { facts } = await problemOf(findNamed(contextOn(fake), name), 'lookup-none')
    expect(facts).toMatchObject({ kind: 'correlation id', name: 'gha-1', candidates: [] })
  })
})

describe('a change named in several ways', () => {
  it('is found when they agree, whatever the case of the number', async () => {
    fake.add({ correlation_id: 'gha-1' })
    const name = { sysId: 'sys-CHG0030001', number: 'chg0030001', correlationId: 'gha-1' }
    expect((await findNamed(contextOn(fake), name)).number).toBe('CHG0030001')
    expect(fake.log).toEqual(['get sys-CHG0030001'])
  })

  it('is an error when its number and its correlation id disagree', async () => {
    fake.add({ correlation_id: 'gha-2' })
    const name = { number: 'CHG0030001', correlationId: 'gha-1' }
    const problem = await problemOf(findNamed(contextOn(fake), name), 'names-disagree')
    expect(problem.subject).toBeUndefined()
    expect(problem.facts).toEqual({
      number: 'CHG0030001',
      sysId: undefined,
      given: { by: 'correlation-id', value: 'gha-1', has: 'gha-2' }
    })
  })

  it('is an error when it is not named at all', async () => {
    expect((await problemOf(findNamed(contextOn(fake), {}), 'no-change-named')).facts).toEqual({})
    expect(fake.log).toEqual([])
  })
})
