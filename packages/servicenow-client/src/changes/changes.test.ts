import { describe, expect, it } from '@jest/globals'
import { Query } from '../query/query.ts'
import { problemOf } from '../testing/options.ts'
import { toChange } from './change.ts'
import { canonical, fieldOf, isSysId, toFields } from './fields.ts'
import { openTask, pickTemplate, templateQueries } from './records.ts'
import { accepted, ignoredInQuery, oneRecord, rowsOf } from './responses.ts'

const ID = 'cc69c3bf9f1032106b4c1d8a0f0b6a11'

/** One change as each dialect sends it. It is JSON text because `-2.0` is a number with a decimal only there. */
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
  it('is the same from both dialects', () => {
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
  ])('in state %j has the state %s', (value, state) => {
    expect(toChange({ ...LINKED, state: { value, display_value: 'L' } }, 'x').state).toBe(state)
  })

  it('has no planned start where the field holds no date', () => {
    for (const value of ['', '2026-12-01', '2026-12-01T23:00:00Z', '12/01/2026 23:00:00', 'UNKNOWN']) {
      expect(
        toChange({ ...LINKED, start_date: { value, display_value: value } }, 'x').plannedStart
      ).toBeUndefined()
    }
  })

  it.each(['sys_id', 'number', 'state', 'approval'] as const)(
    'whose %s may not be read is a problem that names the field',
    async name => {
      const { [name]: _, ...rest } = LINKED
      const problem = await problemOf('unreadable', (async () => toChange(rest, 'reading'))())
      expect(problem.facts).toEqual({ operation: 'reading', fields: [name] })
      expect(problem).toMatchObject({ retry: { temporary: false }, committed: 'no' })
    }
  )

  it('with an empty sys_id is the same problem', async () => {
    const record = { ...LINKED, sys_id: '' }
    const problem = await problemOf('unreadable', (async () => toChange(record, 'reading'))())
    expect(problem.facts.fields).toEqual(['sys_id'])
  })

  it('names all fields that may not be read', async () => {
    const { number: _, state: __, ...rest } = LINKED
    const problem = await problemOf('unreadable', (async () => toChange(rest, 'reading'))())
    expect(problem.facts.fields).toEqual(['number', 'state'])
  })

  it('needs no other fields', () => {
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
    ['a decimal', { value: 0.5, display_value: '0.5' }, { value: '0.5', display: '0.5' }],
    [
      'false, which is not empty',
      { value: false, display_value: 'false' },
      { value: 'false', display: 'false' }
    ],
    ['zero, which is not empty', { value: 0, display_value: 'Review' }, { value: '0', display: 'Review' }],
    ['without a display value', { value: 'x' }, { value: 'x', display: 'x' }],
    ['without a value', { display_value: 'CAB', link: 'https://x' }, { value: '', display: 'CAB' }],
    [
      'a link without a display value',
      { link: 'https://x', value: 'glide.maint' },
      { value: 'glide.maint', display: 'glide.maint' }
    ],
    ['a list', { value: ['a'], display_value: 'a' }, { value: '["a"]', display: 'a' }]
  ])('%s', (_, raw, field) => expect(toFields({ f: raw }).f).toEqual(field))

  it('that is missing is empty; a value that is not a record has no fields', () => {
    expect(fieldOf({}, 'state')).toEqual({ value: '', display: '' })
    expect(toFields(null)).toEqual({})
    expect(toFields('text')).toEqual({})
  })

  it('loses the decimals of a whole number, and no others', () => {
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

  it('is a sys_id only at full length', () => {
    expect(isSysId(ID.toUpperCase())).toBe(true)
    for (const text of ['', ID.slice(1), `${ID}0`, ID.replace('c', 'g'), `${ID}\n`])
      expect(isSysId(text)).toBe(false)
  })
})

describe('a response', () => {
  const META = { __meta: { encodedQuery: 'x', fields: { applied: [], ignored: ['nam'] } } }

  it('of one record may be wrapped, not wrapped, or a list of one', () => {
    for (const body of [{ result: LINKED }, { result: [LINKED] }, { result: [LINKED, META] }, LINKED]) {
      expect(toChange(oneRecord(body, 'x'), 'x').number).toBe('CHG0030001')
    }
  })

  it.each<[unknown, 'unexpected' | 'unreadable']>([
    [undefined, 'unexpected'],
    [null, 'unexpected'],
    [{}, 'unreadable'],
    [{ result: [] }, 'unexpected'],
    [{ result: null }, 'unexpected'],
    [{ result: 'x' }, 'unexpected'],
    [{ result: [META] }, 'unreadable']
  ])('without a change (%j) is the problem %s', async (body, code) => {
    const read = (async () => toChange(oneRecord(body, 'reading'), 'reading'))()
    expect((await problemOf(code, read)).facts.operation).toBe('reading')
  })

  it('without a record has a message that says so', async () => {
    const problem = await problemOf('unexpected', (async () => oneRecord({ result: [] }, 'reading'))())
    expect(problem.facts).toEqual({ operation: 'reading', message: 'the response holds no record' })
  })

  it('of a list ends with an element that is not a record', () => {
    expect(rowsOf({ result: [LINKED, META] }, 'x')).toEqual([LINKED])
    expect(rowsOf({ result: [META] }, 'x')).toEqual([])
    expect(rowsOf({ result: [] }, 'x')).toEqual([])
  })

  it.each([{ result: LINKED }, undefined])('without a list is a problem', async body => {
    const problem = await problemOf('unexpected', (async () => rowsOf(body, 'listing'))())
    expect(problem.facts).toEqual({ operation: 'listing', message: 'the response holds no list' })
  })

  it('names the fields that it left out of the query', () => {
    expect(ignoredInQuery({ result: [LINKED, META] })).toEqual(['nam'])
    expect(ignoredInQuery({ result: [LINKED] })).toEqual([])
    expect(ignoredInQuery({})).toEqual([])
    expect(ignoredInQuery({ result: [null, META] })).toEqual(['nam'])
  })

  it('is refused when one of its rows does not match the query', async () => {
    const query = new Query().is('number', 'CHG0030001').is('type', 'standard')
    expect(accepted(query, [LINKED], 'x')).toHaveLength(1)
    const other = { ...LINKED, number: 'CHG0030002' }
    const problem = await problemOf('query-ignored', (async () => accepted(query, [LINKED, other], 'x'))())
    expect(problem.facts).toEqual({ operation: 'x', fields: ['number', 'type'], unreadable: [] })
    expect(problem).toMatchObject({ retry: { temporary: false }, committed: 'no' })
  })

  it('names the fields of the query that its row does not have', async () => {
    const query = new Query().is('number', 'CHG0030001').is('type', 'standard')
    const row = { number: 'CHG0030001' }
    const problem = await problemOf('query-ignored', (async () => accepted(query, [row], 'x'))())
    expect(problem.facts).toMatchObject({ fields: ['number', 'type'], unreadable: ['type'] })
  })
})

describe('a change task', () => {
  const task = (state: unknown) => toFields({ sys_id: 't', number: 'CTASK1', state: { value: state } })

  it('is open while its state is Pending, Open or Work in progress', () => {
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
    return pickTemplate({ given, exact, near, read, sample: read, operation: 'picking' })
  }

  it('is the active one of exactly that name or sys_id', async () => {
    const all = [row('a', 'Deploy app'), row(ID, 'Deploy database'), row('c', 'Deploy app', false)]
    expect(await pick('deploy APP', all)).toEqual({ sysId: 'a', name: 'Deploy app', version: 'v1' })
    expect((await pick(ID, all)).name).toBe('Deploy database')
  })

  it.each<[string, readonly ReturnType<typeof row>[], 'lookup-none' | 'lookup-many', string[]]>([
    ['is not there', [row('a', 'Deploy app')], 'lookup-none', ['Deploy app']],
    ['is not there, nor any other', [], 'lookup-none', []],
    ['is inactive', [row('a', 'Deploy', false)], 'lookup-none', []],
    ['differs in an accent', [row('a', 'Déploy')], 'lookup-none', ['Déploy']],
    ['is ambiguous', [row('a', 'Deploy'), row('b', 'deploy')], 'lookup-many', ['a', 'b']]
  ])('that %s is a problem that lists the candidates', async (_, all, code, candidates) => {
    const problem = await problemOf(code, pick('Deploy', all))
    expect(problem.facts).toEqual({
      operation: 'picking',
      kind: 'standard change template',
      name: 'Deploy',
      candidates
    })
    expect(problem.retry.temporary).toBe(false)
  })
})
