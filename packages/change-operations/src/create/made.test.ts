/** What a creation made, where its response does not show it. */
import { isClientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { problemOf } from '../testing/context.ts'
import { createOn, FIND } from '../testing/creation.ts'
import { APIS, LOST, startInstance, type TestInstance } from '../testing/instance.ts'
import { editRecords, isCreation, isKind } from '../testing/responses.ts'
import type { CreateRequest } from './request.ts'

const OTHER = 'b'.repeat(32)
let instance: TestInstance

const create = (more: Partial<CreateRequest> = {}) => createOn(instance, more)
const changes = () => instance.sandbox.rows('change_request')

/** The successful responses to creations are replaced. */
function responding(text: string, headers: Record<string, string> = {}): void {
  instance.transport.edit((response, request) =>
    isCreation(request) ? { ...response, text, headers: { ...response.headers, ...headers } } : response
  )
}

describe.each(APIS)('a creation whose response shows nothing (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each([
    ['an empty object', '{}', {}],
    ['an empty result', '{"result":{}}', {}],
    ['an empty list', '{"result":[]}', {}],
    ['a text', '{"result":"created"}', {}],
    ['no body', '', {}],
    ['no body and no type', '', { 'content-type': '' }],
    ['the whole list of changes', `{"result":[{"sys_id":"${OTHER}"},{"sys_id":"${'c'.repeat(32)}"}]}`, {}]
  ])('%s: the change is found by its correlation id', async (_, text, headers) => {
    responding(text, headers as Record<string, string>)
    const { change, created } = await create()
    expect(change).toMatchObject({ number: 'CHG0030001', state: '-4' })
    expect(created).toBe(true)
    expect(changes()).toHaveLength(1)
  })

  it('is looked for again where a list is behind', async () => {
    let finds = 0
    instance.transport.edit((response, request) => {
      if (isCreation(request)) return { ...response, text: '{}' }
      if (!isKind(request, 'find') || ++finds !== 2) return response
      return { ...response, text: '{"result":[]}', headers: { ...response.headers, 'x-total-count': '0' } }
    })
    expect((await create()).change?.number).toBe('CHG0030001')
  })

  it('and which is not found: one change, and an error that says so', async () => {
    responding('{"result":{}}')
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'Tracker',
      run: ({ before }) => (before === undefined ? { correlation_id: 'JIRA-1' } : undefined)
    })
    const problem = await problemOf(create(), 'created-unseen')
    expect(problem.facts).toEqual({ sysId: '', correlationId: 'gha-1' })
    expect(problem.committed).toBe('maybe')
    expect(changes()).toHaveLength(1)
  })

  it('and which made a change without its correlation id: it is named', async () => {
    responding('{}')
    instance.sandbox.addRule({ table: 'change_request', name: 'No ids', run: () => ({ correlation_id: '' }) })
    const { subject, facts } = await problemOf(create(), 'not-applied')
    expect(subject?.number).toBe('CHG0030001')
    expect(facts.differences).toMatchObject([{ field: 'correlation_id' }])
    expect(changes()).toHaveLength(1)
  })
})

describe.each(APIS)('a creation whose response shows a part (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each([
    ['sys_id and number', ['sys_id', 'number']],
    ['its sys_id', ['sys_id']],
    ['its number', ['number']],
    ['all but state', undefined]
  ])('%s: the rest is read', async (_, kept) => {
    editRecords(instance, isCreation, record =>
      Object.fromEntries(
        Object.entries(record).filter(
          ([name]) => kept?.includes(name) ?? !['state', 'approval'].includes(name)
        )
      )
    )
    const { change } = await create()
    expect(change).toMatchObject({ number: 'CHG0030001', state: '-4' })
    expect(changes()).toHaveLength(1)
  })

  it('is told before it is read, and named by the error when it cannot be read', async () => {
    editRecords(instance, isCreation, ({ sys_id, number }) => ({ sys_id, number }))
    instance.fail('get', { kind: 'acl', times: 10 })
    const { subject, facts } = await problemOf(create(), 'created-unseen')
    const sysId = instance.stored('CHG0030001').sys_id
    expect(subject).toEqual({ kind: 'change', number: 'CHG0030001', sysId })
    expect(facts.sysId).toBe(sysId)
    expect(isClientProblem(facts.last, 'role')).toBe(true)
    expect(instance.log).toContain('told CHG0030001  true')
    expect(changes()).toHaveLength(1)
  })

  it('because the account may not read the state: one change, which is named', async () => {
    instance = startInstance({ api, unreadableFields: ['state'] })
    const { subject, facts } = await problemOf(create(), 'created-unseen')
    expect(subject?.number).toBe('CHG0030001')
    expect(facts.last).toMatchObject({ code: 'unreadable', facts: { fields: ['state'] } })
    expect(changes()).toHaveLength(1)
  })
})

describe.each(APIS)('a creation whose response is about another change (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each([
    ['of another deployment', { correlation_id: `gha-${'a'.repeat(64)}` }],
    ['with another title and id', { correlation_id: 'JIRA-7', short_description: 'Reboot' }],
    ['that is old', { correlation_id: '', sys_created_on: '2026-11-01 10:00:00' }]
  ])('%s: the own one is found', async (_, fields) => {
    editRecords(instance, isCreation, record => other(record, fields))
    const { change } = await create()
    expect(change?.number).toBe('CHG0030001')
    expect(instance.log.filter(line => line.startsWith('told')).map(line => line.split(' ')[1])).toEqual([
      'CHG0030001',
      'CHG0030001'
    ])
  })

  it('and whose own one is not found: the other one is not written to', async () => {
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'Tracker',
      run: ({ before }) => (before === undefined ? { correlation_id: 'JIRA-1' } : undefined)
    })
    editRecords(instance, isCreation, record => other(record, { correlation_id: `gha-${'a'.repeat(64)}` }))
    const { facts, committed } = await problemOf(create(), 'other-record')
    expect(facts).toMatchObject({ asked: '', got: `CHG9 (${OTHER})` })
    expect(committed).toBe('maybe')
    expect(instance.writes).toHaveLength(1)
  })
})

/** The same shape as the record, with other contents. */
function other(record: Record<string, unknown>, fields: Record<string, string>): Record<string, unknown> {
  const cells = Object.entries({ sys_id: OTHER, number: 'CHG9', ...fields })
  return {
    ...record,
    ...Object.fromEntries(cells.map(([name, value]) => [name, { value, display_value: value }]))
  }
}

describe.each(APIS)('an instance that does not keep the correlation id (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each([
    ['empties it', () => ({ correlation_id: '' })],
    ['sets another one', () => ({ correlation_id: 'JIRA-1' })]
  ])('%s: one change, and an error that names field and change', async (_, run) => {
    instance.sandbox.addRule({ table: 'change_request', name: 'Tracker', run })
    const { subject, facts } = await problemOf(create(), 'not-applied')
    expect(subject?.number).toBe('CHG0030001')
    expect(facts.differences).toMatchObject([{ field: 'correlation_id', sent: 'gha-1' }])
    expect(changes()).toHaveLength(1)
    expect(instance.stored('CHG0030001').state).toBe('-5')
  })

  it('empties it a moment later: the same', async () => {
    instance.after('create', () => {
      const sysId = String(instance.stored('CHG0030001').sys_id)
      instance.set({ sysId }, { correlation_id: '' })
    })
    const { subject } = await problemOf(create(), 'not-applied')
    expect(subject?.number).toBe('CHG0030001')
    expect(changes()).toHaveLength(1)
  })

  it('makes one change also where the response is lost', async () => {
    instance.sandbox.addRule({ table: 'change_request', name: 'No ids', run: () => ({ correlation_id: '' }) })
    instance.fail('create', LOST)
    await problemOf(create(), 'not-applied')
    expect(changes()).toHaveLength(1)
  })

  it('does not matter where no change is to be found again', async () => {
    instance.sandbox.addRule({ table: 'change_request', name: 'No ids', run: () => ({ correlation_id: '' }) })
    const { created, context } = await create({ reuse: false })
    expect(created).toBe(true)
    expect(context.told('field-not-applied')).toMatchObject([{ difference: { field: 'correlation_id' } }])
  })
})

describe.each(APIS)('changes that begin in a state of the instance’s own (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api, laxStates: true })
    instance.addState('107', 'Draft')
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'Begins as a draft',
      run: ({ before }) => (before === undefined ? { state: '107' } : undefined)
    })
  })

  it('are made once, and told that approval was not requested', async () => {
    const { change, created, context } = await create()
    expect(created).toBe(true)
    expect(change).toMatchObject({ number: 'CHG0030001', state: '107', stateLabel: 'Draft' })
    expect(context.told('left-in-own-state')).toMatchObject([{ change: { number: 'CHG0030001' } }])
    expect(changes()).toHaveLength(1)
  })

  it('are found again by the next attempt', async () => {
    await create()
    const again = await create({ retried: true })
    expect(again).toMatchObject({ created: false, change: { number: 'CHG0030001' } })
    expect(changes()).toHaveLength(1)
  })

  it('are found after a response that was lost', async () => {
    instance.fail('create', LOST)
    expect((await create()).change?.number).toBe('CHG0030001')
    expect(changes()).toHaveLength(1)
  })

  it('are canceled where two jobs made one at once', async () => {
    instance.after('create', () => {
      if (changes().length === 1) instance.plant({ correlation_id: 'gha-1', state: '107' })
    })
    expect((await create()).change?.number).toBe('CHG0030001')
    expect(instance.stored('CHG0030002').state).toBe('4')
  })

  it('are not found when that state ends a change', async () => {
    instance.plant({ correlation_id: 'gha-1', state: '107', active: 'false' })
    expect((await create()).change?.number).toBe('CHG0030002')
  })
})

describe('the search for the open changes', () => {
  it('has no list of states: those of the instance count as open', async () => {
    instance = startInstance()
    await create()
    expect(instance.log[0]).toBe(FIND)
  })
})
