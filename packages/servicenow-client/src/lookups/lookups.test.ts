import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import nock from 'nock'
import { ServiceNowError } from '../problems/problem.ts'
import type { Pipeline } from '../http/pipeline.ts'
import { UnsafeQueryValueError } from '../query/query.ts'
import { failure } from '../testing/options.ts'
import { type Row, type TableAnswer, tables } from '../testing/tables.ts'
import { readChoices, resolveChoice } from './choices.ts'
import { batch } from './batch.ts'
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

/** Resolves one name where exact queries are answered by `exact` and those for similar names by `near`. */
async function resolve(
  kind: ReferenceKind,
  table: string,
  text: string,
  exact: TableAnswer,
  near: TableAnswer = []
) {
  const all = await instance({ [table]: query => (query.includes('LIKE') ? near : exact) })
  return { result: resolveReference(all.pipeline, kind, text), asked: all.asked }
}

describe('a reference', () => {
  it('by sys_id is taken as it is, without a request', async () => {
    const { result, asked } = await resolve('group', 'sys_user_group', ID.toUpperCase(), [])
    expect(await result).toEqual({ value: ID, display: ID.toUpperCase(), verified: false })
    expect(asked()).toEqual([])
  })

  it('by name is the one active record of exactly that name', async () => {
    const { result, asked } = await resolve('group', 'sys_user_group', 'devops team', [group('DevOps Team ')])
    expect(await result).toEqual({ value: ID, display: 'DevOps Team ', verified: true })
    expect(asked()).toEqual(['sys_user_group?name=devops team^active=true'])
  })

  it.each([
    ['ci', 'cmdb_ci', 'name=web^install_status!=7'],
    ['model', 'chg_model', 'name=web^active=true'],
    ['user', 'sys_user', 'user_name=web^ORemail=web^ORname=web^active=true']
  ] as const)('to a %s is looked up in %s', async (kind, table, query) => {
    const { result, asked } = await resolve(kind, table, 'web', [
      { sys_id: ID, name: 'web', user_name: 'web', email: '', active: 'true', install_status: '1' }
    ])
    expect((await result).value).toBe(ID)
    expect(asked()).toEqual([`${table}?${query}`])
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

  it('that several records have is an error that tells them apart', async () => {
    const rows = [
      user({ user_name: 'kim1', name: 'Kim' }, ID),
      user({ user_name: 'kim2', name: 'Kim' }, OTHER)
    ]
    const { result } = await resolve('user', 'sys_user', 'kim', rows)
    const error = await failure(ServiceNowError, result)
    expect(error).toMatchObject({ code: 'lookup-many', title: 'ServiceNow: the name is ambiguous' })
    expect(error.answer).toBe(`2 records match the user: ${ID} kim1; ${OTHER} kim2`)
    expect(error.fix).toContain('sys_id')
  })

  it('to a CI that several have names their classes', async () => {
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
    expect((await failure(ServiceNowError, result)).answer).toMatch(
      /a cmdb_ci_server \(label\); b cmdb_ci_appl \(label\)/
    )
  })

  it('that nobody has is an error that lists what is near, closest first', async () => {
    const near = [group('DevOps Managers'), group('DevOps Team'), group('Dev')]
    const { result, asked } = await resolve('group', 'sys_user_group', 'DevOps Taem', [], near)
    const error = await failure(ServiceNowError, result)
    expect(error).toMatchObject({ code: 'lookup-none', title: 'ServiceNow: no such record' })
    expect(error.message).toContain('looking up the assignment group "DevOps Taem"')
    expect(error.answer).toMatch(/near it: .*DevOps Team/)
    expect(asked()[1]).toBe('sys_user_group?nameLIKEDev^active=true')
  })

  it('that nobody has is the error to report even when nothing near can be read', async () => {
    const { result } = await resolve('group', 'sys_user_group', 'Nobody', [], { status: 500, message: 'x' })
    expect((await failure(ServiceNowError, result)).answer).toBe('no active assignment group has this name')
  })

  it('whose name would be a query of its own is refused, without a request', async () => {
    const { result, asked } = await resolve('group', 'sys_user_group', 'x^ORactive=true', [group('x')])
    await failure(UnsafeQueryValueError, result)
    expect(asked()).toEqual([])
  })

  it('is never an arbitrary record: a dropped term is an error', async () => {
    const { result } = await resolve('group', 'sys_user_group', 'DevOps Team', [group('Database')])
    const error = await failure(ServiceNowError, result)
    expect(error.answer).toContain('returned records that do not match')
  })

  it('names the columns that may not be read, when that is why a term was dropped', async () => {
    const { result } = await resolve('group', 'sys_user_group', 'DevOps Team', [
      { sys_id: ID, name: 'DevOps Team' }
    ])
    expect((await failure(ServiceNowError, result)).answer).toContain('(not readable: active)')
  })

  it.each<[string, TableAnswer]>([
    ['rows that match but are hidden', { rows: [], total: 1 }],
    ['a table that may not be read', { status: 403, message: 'Failed API level ACL Validation' }],
    ['a table that is forbidden', { status: 403, message: 'User Not Authorized' }]
  ])('behind %s is left for the instance to resolve', async (_, exact) => {
    const { result } = await resolve('group', 'sys_user_group', 'DevOps Team', exact)
    expect(await result).toEqual({ value: 'DevOps Team', display: 'DevOps Team', verified: false })
  })

  it('is not left to the instance because of an outage', async () => {
    const { result } = await resolve('group', 'sys_user_group', 'DevOps Team', {
      status: 503,
      message: 'down'
    })
    expect((await failure(ServiceNowError, result)).code).toBe('unavailable')
  })
})

describe('whether a record exists', () => {
  const exists = async (field: string, answer: TableAnswer) => {
    const all = await instance({ sys_user_group: () => answer, task: () => answer })
    return referenceExists(all.pipeline, field, ID)
  }

  it('is told by its table', async () => {
    expect(await exists('assignment_group', [{ sys_id: ID }])).toBe(true)
    expect(await exists('assignment_group', [])).toBe(false)
    expect(await exists('parent', [{ sys_id: ID }])).toBe(true)
  })

  it('is unknown where it may not be read, or no table is known', async () => {
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
  const resolveRisk = async (text: string, answer: TableAnswer = risks) => {
    const all = await instance({ sys_choice: () => answer })
    return {
      result: resolveChoice(listsOf(all.pipeline), 'risk', text),
      asked: all.asked
    }
  }

  it.each([
    ['3', '3'],
    [' 3 ', '3'],
    ['3 - Moderate', '3'],
    ['3 – Moderate', '3'],
    ['-5', '-5']
  ])('%j counts by its number, without a request', async (text, value) => {
    const { result, asked } = await resolveRisk(text)
    expect(await result).toEqual({ value, verified: true })
    expect(asked()).toEqual([])
  })

  it.each([
    ['moderate', 'moderate'],
    ['MODERATE', 'moderate'],
    ['high', '2'],
    ['Very high', '1'],
    ['low', '4'],
    [' Low ', '4']
  ])('%j is %s', async (text, value) => {
    const { result, asked } = await resolveRisk(text)
    expect(await result).toEqual({ value, verified: true })
    expect(asked()).toEqual(['sys_choice?nameINchange_request,task^element=risk^inactive=false'])
  })

  it('of several fields is looked up in one request', async () => {
    const impact = { ...choice('task', '1', '1 - High'), sys_id: 'impact', element: 'impact' }
    const { pipeline, asked } = await instance({ sys_choice: () => [...risks, impact] })
    const lists = listsOf(pipeline)
    const found = await Promise.all([
      resolveChoice(lists, 'risk', 'high'),
      resolveChoice(lists, 'impact', 'high')
    ])
    expect(found.map(one => one.value)).toEqual(['2', '1'])
    expect(asked()).toEqual(['sys_choice?nameINchange_request,task^elementINrisk,impact^inactive=false'])
  })

  it('of a short list is found beside a long one that fills the answer', async () => {
    const many = Array.from({ length: 998 }, (_, n) => ({
      ...choice('change_request', `c${n}`, `Category ${n}`),
      element: 'category'
    }))
    const rowsFor = (query: string) => [...many, ...risks].filter(row => query.includes(String(row.element)))
    const { pipeline, asked } = await instance({ sys_choice: query => rowsFor(query).slice(0, 1_000) })
    const lists = listsOf(pipeline)
    const found = await Promise.all([
      resolveChoice(lists, 'category', 'category 7'),
      resolveChoice(lists, 'risk', 'low')
    ])
    expect(found).toEqual([
      { value: 'c7', verified: true },
      { value: '4', verified: true }
    ])
    expect(asked()).toHaveLength(3)
  })

  it('whose own list does not fit into one answer goes out as it is', async () => {
    const many = Array.from({ length: 1_000 }, (_, n) => choice('change_request', `c${n}`, `Choice ${n}`))
    expect(await (await resolveRisk('Very high', many)).result).toEqual({
      value: 'Very high',
      verified: false
    })
  })

  it('of the change itself replaces those it inherits', async () => {
    const error = await failure(ServiceNowError, (await resolveRisk('inherited')).result)
    expect(error.code).toBe('lookup-none')
    expect(error.answer?.split(': ')[1]?.split(', ').sort()).toEqual([
      '4 - Low',
      'High',
      'Moderate',
      'Very High'
    ])
    const inherited = [choice('task', '9', 'Inherited')]
    expect(await (await resolveRisk('inherited', inherited)).result).toEqual({ value: '9', verified: true })
  })

  it.each<[string, TableAnswer]>([
    ['may not be read', { status: 403, message: 'ACL Exception' }],
    ['is empty', []]
  ])('whose list %s goes out as it is', async (_, answer) => {
    expect(await (await resolveRisk('Low', answer)).result).toEqual({ value: 'Low', verified: false })
  })
})

describe('the nearest', () => {
  it('come first, the closest before all, each once', () => {
    const names = ['Database', 'DevOps Team', 'DevOps', 'Dev', 'DevOps Team', '', 'Service Desk']
    expect(nearest('devops tea', names, 3)).toEqual(['DevOps Team', 'DevOps', 'Dev'])
    expect(nearest('x', ['b', 'a'])).toEqual(['a', 'b'])
    expect(nearest('x', [])).toEqual([])
  })
})
