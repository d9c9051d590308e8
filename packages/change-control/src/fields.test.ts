import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  closingFor,
  combineResults,
  differences,
  isControlField,
  jobNames,
  normaliseCloseCode
} from './index.ts'

describe('the result of several jobs', () => {
  const needs = (...results: string[]) =>
    JSON.stringify(Object.fromEntries(results.map((result, i) => [`job${i}`, { result, outputs: {} }])))

  it.each([
    ['success', 'success'],
    [' Failure ', 'failure'],
    ['canceled', 'cancelled'],
    ['skipped', 'cancelled'],
    [needs('success', 'success'), 'success'],
    [needs('success', 'skipped'), 'cancelled'],
    [needs('cancelled', 'success'), 'cancelled'],
    [needs('cancelled', 'failure', 'success'), 'failure'],
    ['\n{ "deploy": { "result": "success" } }\n', 'success'],
    ['{"__proto__":{"result":"failure"}}', 'failure']
  ])('%j is %s', (text, result) => {
    expect(combineResults(text)?.result).toBe(result)
  })

  it('names the jobs that decided', () => {
    const text = needs('success', 'failure', 'skipped', 'cancelled', 'failure')
    expect(combineResults(text)?.decidedBy).toEqual(['job1 (failure)', 'job4 (failure)'])
    const rest = needs('success', 'skipped', 'cancelled')
    expect(combineResults(rest)?.decidedBy).toEqual(['job1 (skipped)', 'job2 (cancelled)'])
    expect(combineResults(needs('success'))?.decidedBy).toEqual([])
    expect(combineResults('failure')?.decidedBy).toEqual([])
  })

  it('leaves out jobs that may be skipped, while another one succeeded', () => {
    const text = needs('success', 'skipped', 'skipped')
    expect(combineResults(text, ['job1', 'job2'])).toEqual({ result: 'success', decidedBy: [] })
    expect(combineResults(text, ['job1'])).toEqual({ result: 'cancelled', decidedBy: ['job2 (skipped)'] })
    expect(combineResults(needs('success', 'cancelled'), ['job1'])?.result).toBe('cancelled')
    expect(combineResults(needs('success', 'failure'), ['job1'])?.result).toBe('failure')
    expect(combineResults(needs('skipped', 'skipped'), ['job0', 'job1'])).toEqual({
      result: 'cancelled',
      decidedBy: ['job0 (skipped)', 'job1 (skipped)']
    })
    expect(combineResults('skipped', ['skipped'])?.result).toBe('cancelled')
  })

  it('has the names of jobs where it is that of several', () => {
    expect(jobNames(needs('success', 'skipped'))).toEqual(['job0', 'job1'])
    expect(jobNames('success')).toBeUndefined()
  })

  it.each([
    '',
    'ok',
    'constructor',
    '{}',
    '[]',
    'null',
    '1',
    '{"a":"success"}',
    '{"a":{}}',
    '{"a":null}',
    '{"a":{"result":"failure"},"b":{"result":"weird"}}',
    '{"a":{"result":["success"]}}',
    '[{"result":"success"}]',
    '{"a":{"result":"success"}'
  ])('%j is not understood', text => {
    expect(combineResults(text)).toBeUndefined()
  })
})

describe('closing by the result of the job', () => {
  const successful = { kind: 'close', closeCode: 'successful' }
  const unsuccessful = { kind: 'close', closeCode: 'unsuccessful' }
  const OUTCOMES = [undefined, 'approved', 'timeout', 'dry-run'] as const
  const APPROVED = { approved: true }
  const OPEN = { approved: false }

  it('closes what was started with the truth', () => {
    for (const state of ['implement', 'review', 'closed'] as const) {
      for (const approved of [true, false])
        for (const gateOutcome of OUTCOMES) {
          const before = { approved, gateOutcome }
          expect(closingFor('success', state, before)).toEqual(successful)
          expect(closingFor('failure', state, before)).toEqual(unsuccessful)
          expect(closingFor('cancelled', state, before)).toEqual(unsuccessful)
        }
    }
  })

  it('cancels what was never started, and refuses a success that the change knows nothing of', () => {
    const canceled = { kind: 'cancel', mayHaveBegun: false }
    for (const state of ['new', 'assess', 'authorize', 'scheduled', 'canceled'] as const) {
      expect(closingFor('failure', state, OPEN)).toEqual(canceled)
      expect(closingFor('cancelled', state, OPEN)).toEqual(canceled)
      for (const approved of [true, false])
        expect(closingFor('failure', state, { approved, gateOutcome: 'timeout' })).toEqual(canceled)
      expect(closingFor('success', state, OPEN)).toEqual({
        kind: 'error',
        reason: state === 'canceled' ? 'canceled' : 'not-started',
        state
      })
    }
  })

  it('closes late what was approved and deployed without being moved to Implement', () => {
    expect(closingFor('success', 'scheduled', APPROVED)).toEqual({ ...successful, late: true })
    for (const state of ['new', 'assess', 'authorize', 'canceled'] as const)
      expect(closingFor('success', state, APPROVED).kind).toBe('error')
  })

  it('closes late as unsuccessful what may have been deployed, for all that is known', () => {
    for (const gateOutcome of [undefined, 'approved'])
      for (const result of ['failure', 'cancelled'] as const)
        expect(closingFor(result, 'scheduled', { approved: true, gateOutcome })).toEqual({
          ...unsuccessful,
          late: true
        })
  })

  it('never says that nothing was deployed where the gate opened, or may have', () => {
    const mayHaveBegun = { kind: 'cancel', mayHaveBegun: true }
    for (const state of ['new', 'assess', 'authorize', 'scheduled', 'canceled'] as const)
      expect(closingFor('failure', state, { approved: false, gateOutcome: 'approved' })).toEqual(mayHaveBegun)
    for (const state of ['new', 'assess', 'authorize', 'canceled'] as const)
      expect(closingFor('failure', state, APPROVED)).toEqual(mayHaveBegun)
  })

  it.each([
    ['successful', 'successful'],
    ['Successful with issues', 'successful_issues'],
    ['successful_issues', 'successful_issues'],
    [' SUCCESSFUL-WITH-ISSUES ', 'successful_issues'],
    ['Unsuccessful', 'unsuccessful'],
    ['rolled_back', undefined],
    ['', undefined]
  ])('takes %j for close code %s', (text, code) => {
    expect(normaliseCloseCode(text)).toBe(code)
  })
})

describe('control fields', () => {
  it.each([
    'state',
    'State',
    'approval',
    'approval_set',
    'approval-history',
    'number',
    'sys_id',
    'sys-created-by',
    'SYS_DOMAIN',
    'type',
    'chg_model',
    'chg-model',
    'std-change-producer-version',
    'correlation_id',
    'correlation-display',
    'unauthorized',
    'on-hold',
    ' on_hold '
  ])('%j is refused', name => {
    expect(isControlField(name)).toBe(true)
  })

  it.each([
    'u_state',
    'phase_state',
    'system',
    'approvals',
    'on_hold_reason',
    'risk',
    'u_approval',
    'priority',
    ''
  ])('%j is free', name => {
    expect(isControlField(name)).toBe(false)
  })
})

describe('reading back what was written', () => {
  const SYS_ID = '0123456789abcdef0123456789abcdef'
  const compare = (field: string, sent: string, value: string, display = value) =>
    differences({ [field]: sent }, { [field]: { value, display } })

  it.each<[string, string, string, string, string?]>([
    ['a number in two spellings', 'state', '-4', '-4.0', 'Assess'],
    ['zero', 'state', '0', '0.0', 'Review'],
    ['a number with a sign', 'priority', '+3', '03', '3 - Moderate'],
    ['minus zero', 'u_n', '-0.0', '0'],
    ['a fraction', 'u_n', '1.50', '1.5'],
    ['a boolean', 'cab_required', 'TRUE', 'true'],
    ['a boolean given as a number', 'cab_required', '0', 'false'],
    ['line ends and space around', 'description', ' one\r\ntwo\rthree\n', 'one\ntwo\nthree'],
    ['a date', 'start_date', '2026-12-01 22:00:00', '2026-12-01 22:00:00', '01/12/2026 23:00'],
    ['a date with marks of ISO', 'u_go_live', '2026-12-01T22:00:00Z', '2026-12-01 22:00:00', 'whatever'],
    ['the label of a choice', 'risk', 'low', '4', 'Low'],
    ['a choice in another case', 'category', 'software', 'Software'],
    ['a name the instance resolved', 'assignment_group', 'DevOps Team', SYS_ID, 'DevOps Team'],
    ['a sys_id whose record has no name', 'cmdb_ci', SYS_ID, SYS_ID, ''],
    ['a cleared field', 'backout_plan', '', ''],
    ['a journal', 'work_notes', 'hello', '', ''],
    ['a journal of its own', 'u_log', 'hello', '', '2026-12-01 - octo (Log)\nhello\n\n']
  ])('sees no difference in %s', (_, ...[field, sent, value, display]) => {
    expect(compare(field, sent, value, display)).toEqual([])
  })

  it.each<[string, string, string, string, string, boolean]>([
    ['a state that did not move', 'state', '-1', '-2.0', 'Scheduled', true],
    ['another type that looks the same', 'type', 'normal', 'model', 'Normal', true],
    ['an emptied group', 'assignment_group', SYS_ID, '', '', true],
    [
      'a moved date that looks the same',
      'end_date',
      '2026-12-01 22:00:00',
      '2026-12-01 21:00:00',
      '2026-12-01 22:00:00',
      true
    ],
    ['the same on a date of its own', 'u_when', '2026-12-01 22:00:00', '', '2026-12-01 22:00:00', false],
    ['a truncated title', 'short_description', 'x'.repeat(200), 'x'.repeat(160), 'x'.repeat(160), false],
    ['a computed priority', 'priority', '1', '4.0', '4 - Low', false],
    ['long numbers that differ late', 'u_id', '12345678901234567890', '12345678901234567891', '', false],
    ['numbers of different size', 'u_n', '10', '100', '100', false],
    ['a sign', 'u_n', '-1', '1', '1', false],
    ['a fraction', 'u_n', '1.50', '1.05', '1.05', false],
    ['a field that was to be cleared', 'u_x', '', 'old', '', false],
    ['a group that shows and is not there', 'assignment_group', 'DevOps', '', 'DevOps Team', true],
    ['a wrong choice', 'risk', 'low', '3', 'Moderate', false]
  ])('sees %s', (_, field, sent, value, display, critical) => {
    expect(compare(field, sent, value, display)).toEqual([
      { field, sent, got: value, critical, unresolved: false }
    ])
  })

  it('sees a name that was stored as plain text', () => {
    expect(compare('assignment_group', 'DevOps Team', 'DevOps Team', '')).toEqual([
      { field: 'assignment_group', sent: 'DevOps Team', got: 'DevOps Team', critical: true, unresolved: true }
    ])
  })

  it('takes a reference that was cleared for cleared', () => {
    expect(compare('assignment_group', '', '', '')).toEqual([])
    expect(compare('assignment_group', ' ', ' ', '')).toEqual([])
  })

  it('reports a field that did not come back, names of the prototype included', () => {
    const sent = { u_typo: '1', cmdb_ci: SYS_ID, toString: 'x', work_notes: 'note' }
    expect(differences(sent, {})).toEqual([
      { field: 'u_typo', sent: '1', got: undefined, critical: false, unresolved: false },
      { field: 'cmdb_ci', sent: SYS_ID, got: undefined, critical: true, unresolved: false },
      { field: 'toString', sent: 'x', got: undefined, critical: false, unresolved: false }
    ])
  })

  it('holds for any text: itself comes back equal, another number does not', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(compare('description', text, text)).toEqual([])
      })
    )
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (left, right) => {
        expect(compare('u_n', `${left}`, `${right}.0`, '').length).toBe(left === right ? 0 : 1)
      })
    )
  })
})
