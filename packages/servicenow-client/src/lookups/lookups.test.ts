import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import nock from '../../../../test/nock.ts'
import type { Pipeline } from '../http/pipeline.ts'
import { problemOf } from '../testing/options.ts'
import { type Row, type TableResponse, tables } from '../testing/tables.ts'
import { batch } from './batch.ts'
import { readChoices, resolveChoice } from './choices.ts'
import { nearest } from './nearest.ts'
import { type ReferenceKind, referenceExists, resolveReference } from './references.ts'

const ID = 'd625dccec0a8016700a222a0f7900d06'
const OTHER = '287ebd7da9fe198100f92cc8d1d2154e'
const open: (() => Promise<void>)[] = []

beforeAll(() => nock.restore())
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function instance(content: Parameters<typeof tables>[0]) {
  const all = await tables(content)
  open.push(all.close)
  return all
}

const group = (name: string, sysId = ID): Row => ({ sys_id: sysId, name, active: 'true' })
const user = (row: Partial<Record<'user_name' | 'email' | 'name', string>>, sysId = ID): Row => ({
  sys_id: sysId,
  active: 'true',
  user_name: '',
  email: '',
  name: '',
  ...row
})

/** Resolves one name; `exact` is the response to exact queries, `near` to those for similar names. */
async function resolve(
  kind: ReferenceKind,
  table: string,
  text: string,
  exact: TableResponse,
  near: TableResponse = []
) {
  const all = await instance({ [table]: query => (query.includes('LIKE') ? near : exact) })
  return { result: resolveReference(all.pipeline, kind, text), requests: all.requests }
}

describe('a reference', () => {
  it('by sys_id is taken as it is, without a request', async () => {
    const { result, requests } = await resolve('group', 'sys_user_group', ID.toUpperCase(), [])
    expect(await result).toEqual({ value: ID, display: ID.toUpperCase(), verified: false })
    expect(requests()).toEqual([])
  })

  it('by name is the one active record of exactly that name', async () => {
    const { result, requests } = await resolve('group', 'sys_user_group', 'devops team', [
      group('DevOps Team ')
    ])
    expect(await result).toEqual({ value: ID, display: 'DevOps Team ', verified: true })
    expect(requests()).toEqual(['sys_user_group?name=devops team^active=true^ORDERBYsys_id'])
  })

  it.each([
    ['ci', 'cmdb_ci', 'name=web^install_status!=7'],
    ['model', 'chg_model', 'name=web^active=true'],
    ['user', 'sys_user', 'user_name=web^ORemail=web^ORname=web^active=true']
  ] as const)('to a %s is looked up in %s', async (kind, table, query) => {
    const { result, requests } = await resolve(kind, table, 'web', [
      { sys_id: ID, name: 'web', user_name: 'web', email: '', active: 'true', install_status: '1' }
    ])
    expect((await result).value).toBe(ID)
    expect(requests()).toEqual([`${table}?${query}^ORDERBYsys_id`])
  })

  it('to a user: the user name beats the e-mail address, which beats the display name', async () => {
    const byLogin = user({ user_name: 'kim', name: 'Kim Login' }, 'a')
    const byMail = user({ user_name: 'kim2', email: 'kim', name: 'Kim Mail' }, 'b')
    const byName = user({ user_name: 'kim3', name: 'kim' }, 'c')
    const found = async (...rows: Row[]) =>
      (await (await resolve('user', 'sys_user', 'Kim', rows)).result).value
    expect(await found(byName, byMail, byLogin)).toBe('a')
    expect(await found(byName, byMail)).toBe('b')
    expect(await found(byName)).toBe('c')
  })

  it('with an ambiguous name is a problem that tells the records apart', async () => {
    const rows = [
      user({ user_name: 'kim1', name: 'Kim' }, ID),
      user({ user_name: 'kim2', name: 'Kim' }, OTHER)
    ]
    const { result } = await resolve('user', 'sys_user', 'kim', rows)
    const problem = await problemOf('lookup-many', result)
    expect(problem.facts).toEqual({
      operation: 'looking up the user "kim"',
      kind: 'user',
      name: 'kim',
      candidates: [`${ID}: user name kim1`, `${OTHER}: user name kim2`]
    })
    expect(problem).toMatchObject({ retry: { temporary: false }, committed: 'no' })
  })

  it('to a user is found among many with the same display name', async () => {
    const others = Array.from({ length: 120 }, (_, n) => user({ user_name: `kim${n}`, name: 'Kim' }, `u${n}`))
    const { result, requests } = await resolve('user', 'sys_user', 'Kim', [
      ...others,
      user({ user_name: 'kim', name: 'Kim Login' })
    ])
    expect((await result).value).toBe(ID)
    expect(requests()).toHaveLength(3)
  })

  it('is not taken from a list that was not read to its end', async () => {
    const found = user({ email: 'kim', name: 'Kim Mail' }, 'b')
    const others = Array.from({ length: 600 }, (_, n) => user({ user_name: 'KIM', name: 'x' }, `u${n}`))
    const first = [found, ...others.map(row => ({ ...row, user_name: 'kím' }))]
    const { result } = await resolve('user', 'sys_user', 'kim', first)
    expect((await problemOf('list-cut', result)).facts).toEqual({
      operation: 'looking up the user "kim"',
      read: 500
    })
  })

  it('to a CI with an ambiguous name has the classes of the records', async () => {
    const ci = (sysId: string, type: string): Row => ({
      sys_id: sysId,
      name: 'web',
      install_status: '1',
      sys_class_name: [type, `${type} (label)`]
    })
    const { result } = await resolve('ci', 'cmdb_ci', 'web', [
      ci('a', 'cmdb_ci_server'),
      ci('b', 'cmdb_ci_appl')
    ])
    const { facts } = await problemOf('lookup-many', result)
    expect(facts).toMatchObject({
      kind: 'configuration item',
      candidates: ['a: class cmdb_ci_server (label)', 'b: class cmdb_ci_appl (label)']
    })
  })

  it('to a group with an ambiguous name has what differs between the groups, else when they were made', async () => {
    const candidatesOf = async (...rows: Row[]) => {
      const { result } = await resolve('group', 'sys_user_group', 'Ops', rows)
      return (await problemOf('lookup-many', result)).facts.candidates
    }
    const made = (sysId: string, more: Row) => ({
      ...group('Ops', sysId),
      description: 'Operations',
      ...more
    })
    const emea = made('a', { parent: ['1', 'EMEA'], manager: ['2', 'Kim'] })
    const amer = made('b', { parent: ['3', 'AMER'], manager: '' })
    expect(await candidatesOf(emea, amer)).toEqual([
      'a: parent group EMEA, manager Kim',
      'b: parent group AMER'
    ])
    const twins = ['2026-01-01 08:00:00', '2026-02-01 08:00:00'].map((at, n) =>
      made(String(n), { sys_created_on: at })
    )
    expect(await candidatesOf(...twins)).toEqual([
      '0: created 2026-01-01 08:00:00',
      '1: created 2026-02-01 08:00:00'
    ])
  })

  it('that does not exist is a problem that lists similar names, the closest first', async () => {
    const near = [group('DevOps Managers'), group('DevOps Team'), group('Dev')]
    const { result, requests } = await resolve('group', 'sys_user_group', 'DevOps Taem', [], near)
    const problem = await problemOf('lookup-none', result)
    expect(problem.facts).toEqual({
      operation: 'looking up the assignment group "DevOps Taem"',
      kind: 'assignment group',
      name: 'DevOps Taem',
      candidates: ['DevOps Team', 'Dev', 'DevOps Managers']
    })
    expect(problem.retry.temporary).toBe(false)
    expect(requests()[1]).toBe('sys_user_group?nameLIKEDev^active=true')
  })

  it('that does not exist is the same problem, without candidates, when similar names cannot be read', async () => {
    const { result } = await resolve('group', 'sys_user_group', 'Nobody', [], { status: 500, message: 'x' })
    expect((await problemOf('lookup-none', result)).facts.candidates).toEqual([])
  })

  it('whose name is unsafe in a query is refused, without a request', async () => {
    const { result, requests } = await resolve('group', 'sys_user_group', 'x^ORactive=true', [group('x')])
    expect((await problemOf('unsafe-query', result)).facts).toEqual({ value: 'x^ORactive=true' })
    expect(requests()).toEqual([])
  })

  it('is never another record: a dropped term is a problem', async () => {
    const { result } = await resolve('group', 'sys_user_group', 'DevOps Team', [group('Database')])
    const problem = await problemOf('query-ignored', result)
    expect(problem.facts).toEqual({
      operation: 'looking up the assignment group "DevOps Team"',
      fields: ['name', 'active'],
      unreadable: []
    })
  })

  it('whose query was ignored is noticed with the first page', async () => {
    const everything = Array.from({ length: 5_000 }, (_, n) => group(`Group ${n}`, `g${n}`))
    const { result, requests } = await resolve('group', 'sys_user_group', 'DevOps Team', everything)
    await problemOf('query-ignored', result)
    expect(requests()).toHaveLength(1)
  })

  it('whose query was ignored because a column may not be read has that column as a fact', async () => {
    const { result } = await resolve('group', 'sys_user_group', 'DevOps Team', [
      { sys_id: ID, name: 'DevOps Team' }
    ])
    expect((await problemOf('query-ignored', result)).facts.unreadable).toEqual(['active'])
  })

  it.each<[string, TableResponse]>([
    ['rows that match but are hidden', { rows: [], total: 1 }],
    ['a table that may not be read', { status: 403, message: 'Failed API level ACL Validation' }],
    ['a table that is forbidden', { status: 403, message: 'User Not Authorized' }]
  ])('with %s is left for the instance to resolve', async (_, exact) => {
    const { result } = await resolve('group', 'sys_user_group', 'DevOps Team', exact)
    expect(await result).toEqual({ value: 'DevOps Team', display: 'DevOps Team', verified: false })
  })

  it('is not left for the instance during an outage', async () => {
    const { result } = await resolve('group', 'sys_user_group', 'DevOps Team', {
      status: 503,
      message: 'down'
    })
    expect((await problemOf('unavailable', result)).retry.temporary).toBe(true)
  })
})

describe('whether a record exists', () => {
  const exists = async (field: string, response: TableResponse) => {
    const all = await instance({ sys_user_group: () => response, task: () => response })
    return referenceExists(all.pipeline, field, ID)
  }

  it('is read from its table', async () => {
    expect(await exists('assignment_group', [{ sys_id: ID }])).toBe(true)
    expect(await exists('assignment_group', [])).toBe(false)
    expect(await exists('parent', [{ sys_id: ID }])).toBe(true)
  })

  it('is unknown where the table may not be read or is not known', async () => {
    expect(await exists('assignment_group', { rows: [], total: 1 })).toBeUndefined()
    expect(await exists('assignment_group', { status: 403, message: 'ACL' })).toBeUndefined()
    expect(await exists('location', [])).toBeUndefined()
  })
})

describe('a choice', () => {
  const choice = (name: string, value: string, label: string, language = 'en'): Row => ({
    sys_id: `${name}.${value}.${language}`,
    name,
    element: 'risk',
    value,
    label,
    inactive: 'false',
    language
  })
  const risks = [
    choice('change_request', '1', 'Very High'),
    choice('change_request', '2', 'High'),
    choice('change_request', '4', '4 - Low'),
    choice('change_request', 'moderate', 'Moderate'),
    choice('task', '9', 'Inherited')
  ]
  const listsOf = (pipeline: Pipeline) => batch(fields => readChoices(pipeline, fields), [])
  const resolveRisk = async (text: string, response: TableResponse = risks) => {
    const all = await instance({ sys_choice: () => response })
    return {
      result: resolveChoice(listsOf(all.pipeline), 'risk', text),
      requests: all.requests
    }
  }

  it.each([
    ['3', '3'],
    [' 3 ', '3'],
    ['3 - Moderate', '3'],
    ['3 – Moderate', '3'],
    ['-5', '-5']
  ])('%j is resolved by its number, without a request', async (text, value) => {
    const { result, requests } = await resolveRisk(text)
    expect(await result).toEqual({ value, verified: true })
    expect(requests()).toEqual([])
  })

  it.each([
    ['moderate', 'moderate'],
    ['MODERATE', 'moderate'],
    ['high', '2'],
    ['Very high', '1'],
    ['low', '4'],
    [' Low ', '4']
  ])('%j is resolved to %s', async (text, value) => {
    const { result, requests } = await resolveRisk(text)
    expect(await result).toEqual({ value, verified: true })
    expect(requests()).toEqual([
      'sys_choice?nameINchange_request,task^element=risk^inactive=false^ORDERBYsys_id'
    ])
  })

  it('of several fields is looked up in one request', async () => {
    const impact = { ...choice('task', '1', '1 - High'), sys_id: 'impact', element: 'impact' }
    const { pipeline, requests } = await instance({ sys_choice: () => [...risks, impact] })
    const lists = listsOf(pipeline)
    const found = await Promise.all([
      resolveChoice(lists, 'risk', 'high'),
      resolveChoice(lists, 'impact', 'high')
    ])
    expect(found.map(one => one.value)).toEqual(['2', '1'])
    expect(requests()).toEqual([
      'sys_choice?nameINchange_request,task^elementINrisk,impact^inactive=false^ORDERBYsys_id'
    ])
  })

  it('is found after the first thousand rows', async () => {
    const many = Array.from({ length: 1_998 }, (_, n) => ({
      ...choice('change_request', `c${n}`, `Category ${n}`),
      element: 'category'
    }))
    const { pipeline, requests } = await instance({ sys_choice: () => [...many, ...risks] })
    const lists = listsOf(pipeline)
    const found = await Promise.all([
      resolveChoice(lists, 'category', 'category 1997'),
      resolveChoice(lists, 'risk', 'low')
    ])
    expect(found).toEqual([
      { value: 'c1997', verified: true },
      { value: '4', verified: true }
    ])
    expect(requests()).toHaveLength(3)
  })

  it('whose list is longer than what is read of it is sent as it is', async () => {
    const many = Array.from({ length: 10_001 }, (_, n) => choice('change_request', `c${n}`, `Choice ${n}`))
    const { result, requests } = await resolveRisk('Choice 7', many)
    expect(await result).toEqual({ value: 'Choice 7', verified: false })
    expect(requests()).toHaveLength(10)
  })

  it('of the change itself replaces inherited ones', async () => {
    const { facts } = await problemOf('lookup-none', (await resolveRisk('inherited')).result)
    expect({ ...facts, candidates: [...facts.candidates].sort() }).toEqual({
      operation: 'looking up the choice "inherited" of risk',
      kind: 'choice',
      name: 'inherited',
      candidates: ['4 - Low', 'High', 'Moderate', 'Very High']
    })
    const inherited = [choice('task', '9', 'Inherited')]
    expect(await (await resolveRisk('inherited', inherited)).result).toEqual({ value: '9', verified: true })
  })

  it.each<[string, TableResponse]>([
    ['may not be read', { status: 403, message: 'ACL Exception' }],
    ['is empty', []]
  ])('whose list %s is sent as it is', async (_, response) => {
    expect(await (await resolveRisk('Low', response)).result).toEqual({ value: 'Low', verified: false })
  })
})

describe('the nearest names', () => {
  it('come first, the closest before others, each once', () => {
    const names = ['Database', 'DevOps Team', 'DevOps', 'Dev', 'DevOps Team', '', 'Service Desk']
    expect(nearest('devops tea', names, 3)).toEqual(['DevOps Team', 'DevOps', 'Dev'])
    expect(nearest('x', ['b', 'a'])).toEqual(['a', 'b'])
    expect(nearest('x', [])).toEqual([])
  })
})
