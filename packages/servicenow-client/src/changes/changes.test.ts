import { describe, expect, it } from '@jest/globals'
import { ServiceNowError } from '../problems/problem.ts'
import { Query } from '../query/query.ts'
import { failure } from '../testing/options.ts'
import { accepted, ignoredInQuery, oneRecord, rowsOf } from './responses.ts'
import { toChange } from './change.ts'
import { canonical, fieldOf, isSysId, toFields } from './fields.ts'
import { openTask, pickTemplate, templateQueries } from './records.ts'

const ID = 'cc69c3bf9f1032106b4c1d8a0f0b6a11'

/** One change as each dialect sends it, bytes included: `-5.0` is a number only in JSON. */
const TYPED = `{
  "sys_id": {"display_value": "${ID}", "value": "${ID}"},
  "number": {"display_value": "CHG0030001", "value": "CHG0030001"},
  "state": {"display_value": "Scheduled", "value": -2.0},
  "type": {"display_value": "Standard", "value": "standard"},
  "approval": {"display_value": "Approved", "value": "approved"},
  "priority": {"display_value": "4 - Low", "value": 4.0},
  "order": {"display_value": "", "value": ""},
  "on_hold": {"display_value": "true", "value": true},
  "on_hold_reason": {"display_value": "freeze", "value": "freeze"},
  "unauthorized": {"display_value": "false", "value": false},
  "start_date": {"display_value": "2026-12-01 15:00:00", "value": "2026-12-01 23:00:00", "display_value_internal": "2026-12-01 15:00:00"},
  "end_date": {"display_value": "", "value": "", "display_value_internal": ""},
  "assignment_group": {"display_value": "", "value": "d625dccec0a8016700a222a0f7900d06"},
  "correlation_id": {"display_value": "gha-1", "value": "gha-1"},
  "std_change_producer_version": {"display_value": "v1", "value": "abc"},
  "sys_created_on": {"display_value": "2026-11-30 04:00:00", "value": "2026-11-30 12:00:00"},
  "work_notes": {"display_value": "2026-11-30 04:00:00 - me (Work notes)\\nhello\\n\\n", "value": ""},
  "__meta": {"ignoredFields": []}
}`
const LINKED = {
  sys_id: { display_value: ID, value: ID },
  number: { display_value: 'CHG0030001', value: 'CHG0030001' },
  state: { display_value: 'Scheduled', value: '-2' },
  type: { display_value: 'Standard', value: 'standard' },
  approval: { display_value: 'Approved', value: 'approved' },
  priority: { display_value: '4 - Low', value: '4' },
  order: { display_value: '', value: '' },
  on_hold: { display_value: 'true', value: 'true' },
  on_hold_reason: { display_value: 'freeze', value: 'freeze' },
  unauthorized: { display_value: 'false', value: 'false' },
  start_date: { display_value: '2026-12-01 15:00:00', value: '2026-12-01 23:00:00' },
  end_date: { display_value: '', value: '' },
  assignment_group: {
    display_value: '',
    link: 'https://acme.service-now.com/api/now/table/sys_user_group/d625',
    value: 'd625dccec0a8016700a222a0f7900d06'
  },
  correlation_id: { display_value: 'gha-1', value: 'gha-1' },
  std_change_producer_version: { display_value: 'v1', value: 'abc' },
  sys_created_on: { display_value: '2026-11-30 04:00:00', value: '2026-11-30 12:00:00' },
  work_notes: { display_value: '2026-11-30 04:00:00 - me (Work notes)\nhello\n\n', value: '' }
}

describe('a change', () => {
  it('is the same from either dialect', () => {
    const typed = toChange(JSON.parse(TYPED), 'x')
    expect(typed).toEqual(toChange(LINKED, 'x'))
    expect({ ...typed, fields: undefined }).toEqual({
      sysId: ID,
      number: 'CHG0030001',
      state: '-2',
      stateLabel: 'Scheduled',
      type: 'standard',
      approval: 'approved',
      onHold: true,
      onHoldReason: 'freeze',
      unauthorized: false,
      plannedStart: Date.UTC(2026, 11, 1, 23),
      plannedEnd: undefined,
      correlationId: 'gha-1',
      correlationDisplay: '',
      fromTemplate: true,
      createdAt: '2026-11-30 12:00:00',
      fields: undefined
    })
    expect(typed.fields).not.toHaveProperty('__meta')
    expect(fieldOf(typed.fields, 'work_notes')).toEqual({
      value: '',
      display: expect.stringContaining('hello')
    })
  })

  it.each([
    [0, '0'],
    [-5.0, '-5'],
    ['-5', '-5'],
    ['-5.0', '-5'],
    ['0', '0'],
    [3, '3'],
    ['106', '106']
  ])('in state %j reads %s, Review (0) included', (value, state) => {
    expect(toChange({ ...LINKED, state: { value, display_value: 'L' } }, 'x').state).toBe(state)
  })

  it('has no planned moment where the field holds none', () => {
    for (const value of ['', '2026-12-01', '2026-12-01T23:00:00Z', '12/01/2026 23:00:00', 'UNKNOWN']) {
      expect(
        toChange({ ...LINKED, start_date: { value, display_value: value } }, 'x').plannedStart
      ).toBeUndefined()
    }
  })

  it.each(['sys_id', 'number', 'state', 'approval'] as const)(
    'whose %s may not be read is an error that says so',
    async name => {
      const { [name]: _, ...rest } = LINKED
      const error = await failure(ServiceNowError, (async () => toChange(rest, 'reading'))())
      expect(error.answer).toBe(`the record has no readable ${name}`)
      expect(error.fix).toContain('sn_change_read')
    }
  )

  it('without much else is a change all the same', () => {
    const { sys_id, number, state, approval } = LINKED
    const change = toChange({ sys_id, number, state, approval }, 'x')
    expect(change).toMatchObject({
      type: '',
      onHold: false,
      unauthorized: false,
      fromTemplate: false,
      correlationId: ''
    })
  })
})

describe('a field', () => {
  it.each<[string, unknown, { value: string; display: string }]>([
    ['a plain text', 'x', { value: 'x', display: 'x' }],
    ['null', null, { value: '', display: '' }],
    ['a number', -5.0, { value: '-5', display: '-5' }],
    ['a boolean', false, { value: 'false', display: 'false' }],
    ['typed', { value: 6.0, display_value: '6' }, { value: '6', display: '6' }],
    ['a half', { value: 0.5, display_value: '0.5' }, { value: '0.5', display: '0.5' }],
    [
      'false, which is a value',
      { value: false, display_value: 'false' },
      { value: 'false', display: 'false' }
    ],
    ['zero, which is a value', { value: 0, display_value: 'Review' }, { value: '0', display: 'Review' }],
    ['without a display', { value: 'x' }, { value: 'x', display: 'x' }],
    ['without a value', { display_value: 'CAB', link: 'https://x' }, { value: '', display: 'CAB' }],
    [
      'a link alone',
      { link: 'https://x', value: 'glide.maint' },
      { value: 'glide.maint', display: 'glide.maint' }
    ],
    ['a list', { value: ['a'], display_value: 'a' }, { value: '["a"]', display: 'a' }]
  ])('%s', (_, raw, field) => expect(toFields({ f: raw }).f).toEqual(field))

  it('that is missing reads empty; a record that is none has no fields', () => {
    expect(fieldOf({}, 'state')).toEqual({ value: '', display: '' })
    expect(toFields(null)).toEqual({})
    expect(toFields('text')).toEqual({})
  })

  it('loses the decimals of a whole number, and only those', () => {
    expect(['-5.0', '4.00', ' 3 ', '0.5', '1.10', 'CHG1.0', '', '-0'].map(canonical)).toEqual([
      '-5',
      '4',
      '3',
      '0.5',
      '1.10',
      'CHG1.0',
      '',
      '0'
    ])
  })

  it('is a sys_id only in full', () => {
    expect(isSysId(ID.toUpperCase())).toBe(true)
    for (const text of ['', ID.slice(1), `${ID}0`, ID.replace('c', 'g'), `${ID}\n`])
      expect(isSysId(text)).toBe(false)
  })
})

describe('an answer', () => {
  const META = { __meta: { encodedQuery: 'x', fields: { applied: [], ignored: ['nam'] } } }

  it('of one record may be wrapped, bare, or a list of one', () => {
    for (const body of [{ result: LINKED }, { result: [LINKED] }, { result: [LINKED, META] }, LINKED]) {
      expect(toChange(oneRecord(body, 'x'), 'x').number).toBe('CHG0030001')
    }
  })

  it.each([undefined, null, {}, { result: [] }, { result: null }, { result: 'x' }, { result: [META] }])(
    'of no record (%j) is an error',
    body => {
      expect(() => toChange(oneRecord(body, 'reading'), 'reading')).toThrow(ServiceNowError)
    }
  )

  it('of a list ends with an element that is no record', () => {
    expect(rowsOf({ result: [LINKED, META] }, 'x')).toEqual([LINKED])
    expect(rowsOf({ result: [META] }, 'x')).toEqual([])
    expect(rowsOf({ result: [] }, 'x')).toEqual([])
    expect(() => rowsOf({ result: LINKED }, 'listing')).toThrow('holds no list')
    expect(() => rowsOf(undefined, 'listing')).toThrow('holds no list')
  })

  it('tells the fields it left out of the query', () => {
    expect(ignoredInQuery({ result: [LINKED, META] })).toEqual(['nam'])
    expect(ignoredInQuery({ result: [LINKED] })).toEqual([])
    expect(ignoredInQuery({})).toEqual([])
    expect(ignoredInQuery({ result: [null, META] })).toEqual(['nam'])
  })

  it('is not believed when one of its rows does not match', () => {
    const query = new Query().is('number', 'CHG0030001')
    expect(accepted(query, [LINKED], 'x')).toHaveLength(1)
    expect(() => accepted(query, [LINKED, { number: 'CHG0030002' }], 'x')).toThrow('do not match')
  })
})

describe('a change task', () => {
  const task = (state: unknown) => toFields({ sys_id: 't', number: 'CTASK1', state: { value: state } })

  it('stands in the way while it is pending, open or in work', () => {
    expect([-5.0, 1, '2', '-5'].map(state => openTask(task(state)).map(one => one.state))).toEqual([
      ['-5'],
      ['1'],
      ['2'],
      ['-5']
    ])
    expect([3, '4', 7.0].flatMap(state => openTask(task(state)))).toEqual([])
  })
})

describe('a template', () => {
  const row = (sysId: string, name: string, active: unknown = true) =>
    toFields({ sys_id: sysId, name, active: { value: active }, current_version: { value: 'v1' } })
  const pick = (given: string, all: readonly ReturnType<typeof row>[]) => {
    const { exact, near } = templateQueries(given)
    const read = async (query: Query) => all.filter(one => query.accepts(one))
    return pickTemplate({ given, exact, near, read, operation: 'looking' })
  }

  it('is the active one of exactly that name or sys_id', async () => {
    const all = [row('a', 'Deploy app'), row(ID, 'Deploy database'), row('c', 'Deploy app', false)]
    expect(await pick('deploy APP', all)).toEqual({ sysId: 'a', name: 'Deploy app', version: 'v1' })
    expect((await pick(ID, all)).name).toBe('Deploy database')
  })

  it.each<[string, readonly ReturnType<typeof row>[], string, string]>([
    [
      'none',
      [row('a', 'Deploy app')],
      'lookup-none',
      'no active template has this name; there are: Deploy app'
    ],
    ['none at all', [], 'lookup-none', 'there is no active template'],
    ['an inactive one', [row('a', 'Deploy', false)], 'lookup-none', 'there is no active template'],
    ['one that differs in an accent', [row('a', 'Déploy')], 'lookup-none', 'there are: Déploy'],
    ['two', [row('a', 'Deploy'), row('b', 'deploy')], 'lookup-many', '2 templates have this name: a, b']
  ])('that is %s is an error that lists what there is', async (_, all, code, answer) => {
    const error = await failure(ServiceNowError, pick('Deploy', all))
    expect(error.code).toBe(code)
    expect(error.answer).toContain(answer)
  })
})
