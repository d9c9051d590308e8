import { type Reason, STATES } from '@change-actions/change-control'
import { changeProblem } from '@change-actions/change-operations'
import { CLIENT_CODES, clientProblem, Problem } from '@change-actions/servicenow-client'
import { describe, expect, it } from '@jest/globals'
import { describeProblem, EXPLANATIONS, isDescribable } from './describe.ts'
import { fillIn, sentence } from './explanation.ts'
import { leftToDoText } from './left-to-do.ts'
import { reasonText } from './reasons.ts'
import { stepProblem } from './step-problem.ts'

const CHANGE = { number: 'CHG0030001', sysId: 'a'.repeat(32) }
const OPERATION = 'creating the change request'

describe('a problem of the client', () => {
  it('says what was being done, the response, the likely cause and the fix', () => {
    const problem = clientProblem('role', { operation: OPERATION, status: 403, message: 'no right' })
    expect(describeProblem(problem)).toEqual({
      title: 'ServiceNow 403: permission missing',
      page: expect.stringMatching(/\/docs\/troubleshooting\.md#role$/),
      lines: [
        'Failed while creating the change request. The response: no right.',
        expect.stringMatching(/^Likely cause: the account lacks a role, .*[^.]\.$/),
        expect.stringMatching(/^Fix: give the service account the roles .*[^.]\.$/)
      ],
      fix: expect.stringMatching(/^give .*[^.]$/)
    })
  })

  it('has a title without a status where there is none', () => {
    const facts = { operation: 'x', kind: 'user', name: 'Kim', candidates: [] } as const
    expect(describeProblem(clientProblem('lookup-none', facts)).title).toBe('ServiceNow: no such record')
  })

  it.each(CLIENT_CODES)('%s is explained', code => {
    expect(EXPLANATIONS[code]?.cause).not.toBe('')
  })

  it('tells when a limit resets', () => {
    const resetsAt = Date.UTC(2026, 11, 1, 22)
    const { fix } = describeProblem(clientProblem('rate-limit', { operation: 'x', status: 429, resetsAt }))
    expect(fix).toMatch(/^the limit resets at 2026-12-01T22:00:00Z: run the job again then/)
    expect(describeProblem(clientProblem('rate-limit', { operation: 'x', status: 429 })).fix).toMatch(
      /^wait until it resets/
    )
  })

  it('advises the sandbox on this machine, and the other API where one cannot do it', () => {
    const refused = clientProblem('refused', { operation: 'x', loopback: true })
    expect(describeProblem(refused).fix).toContain('npm run sandbox')
    const missing = clientProblem('api-missing', { operation: 'x', api: 'table' })
    expect(describeProblem(missing).fix).toBe('use `api: change-management`')
  })

  it.each([
    [
      { kind: 'assignment group', candidates: ['DevOps', 'DevOps Team'] },
      'no active assignment group has this name; near it: DevOps, DevOps Team',
      'use one of the names listed'
    ],
    [{ kind: 'user', candidates: [] }, 'no active user has this name.', 'check the spelling'],
    [
      { kind: 'standard change template', candidates: [] },
      'there is no active template.',
      'check the spelling'
    ],
    [
      { kind: 'choice', candidates: ['High', 'Low'] },
      'there is no such choice; there are: High, Low',
      'labels listed'
    ],
    [{ kind: 'change number', candidates: [] }, 'there is no change Kim, or the account', 'check the number'],
    [{ kind: 'correlation id', candidates: [] }, 'there is no such change', '`correlation-id`']
  ] as const)('about %j names what there is', (facts, happened, fix) => {
    const problem = clientProblem('lookup-none', { operation: 'looking it up', name: 'Kim', ...facts })
    const description = describeProblem(problem)
    expect(description.lines[0]).toContain(happened)
    expect(description.fix).toContain(fix)
  })
})

describe('a problem of a change', () => {
  const reason: Reason = { code: 'rejected', state: 'New' }
  const row = {
    approver: 'Anna',
    approverId: '',
    userName: '',
    group: '',
    state: 'rejected',
    comments: 'not on\n a Friday',
    at: ''
  }

  it('has the number in its title, and says the cause once', () => {
    const problem = changeProblem('rejected', CHANGE, { reason, rejections: [row] })
    expect(describeProblem(problem)).toMatchObject({
      title: 'Change CHG0030001: rejected',
      lines: [
        'Approval was rejected: the change is in New.',
        'Anna (rejected): not on a Friday',
        expect.stringMatching(/^Fix: read the comments/)
      ]
    })
  })

  it.each([
    [
      'none',
      [{ label: 'Assignment group', field: 'assignment_group' }],
      'Approval cannot be requested without "Assignment group": the instance asks for it before a change goes to Assess. Nothing was created.',
      'give `assignment-group`, by name or sys_id: in most instances it decides who approves'
    ],
    [
      'canceled',
      [
        { label: 'Planned end', field: 'end_date' },
        { label: 'Risk and impact analysis', field: 'risk_impact_analysis' },
        { label: 'Vendor', field: undefined }
      ],
      'The draft CHG0030001, made by this step, was canceled.',
      'give `end-date`, risk_impact_analysis under `fields` and the field labelled "Vendor" under `fields`'
    ],
    [
      'named',
      [{ label: 'Risk', field: 'risk' }],
      'CHG0030001 is left in New.',
      'fill in "Risk" in ServiceNow: the fields of a change that is named are not written'
    ]
  ] as const)('names the input for each field that approval needs (%s)', (change, fields, happened, fix) => {
    const subject = change === 'none' ? undefined : CHANGE
    const description = describeProblem(
      changeProblem('missing-fields', subject, { fields, next: 'assess', change })
    )
    expect(description.title).toMatch(/^Change(?: CHG0030001)?: mandatory fields missing$/)
    expect(description.lines[0]).toContain(happened)
    expect(description.fix).toBe(fix)
  })

  it('names the group where the instance refuses the move without a reason', () => {
    const fields = [{ label: 'Assignment group', field: 'assignment_group' }]
    const facts = { fields, next: 'assess', change: 'canceled', refusal: 'aborted by a rule' } as const
    expect(describeProblem(changeProblem('missing-fields', CHANGE, facts)).lines[0]).toBe(
      'The instance does not move a change without an assignment group to Assess, and names no other reason: aborted by a rule. The draft CHG0030001, made by this step, was canceled.'
    )
  })

  it('names both lengths of a text that is too long', () => {
    const fields = [{ field: 'short_description', length: 201, max: 160 }]
    expect(describeProblem(changeProblem('too-long', undefined, { fields })).lines[0]).toBe(
      'short_description has 201 characters, and the instance keeps 160. Nothing was written.'
    )
  })

  it('ends with the current status', () => {
    const current = { number: 'CHG1', stateLabel: 'New', approval: 'rejected', url: 'https://x' }
    const problem = changeProblem('rejected', CHANGE, { reason, rejections: [] })
    expect(describeProblem(problem.with({ current })).lines.at(-1)).toBe(
      'Current status: CHG1 is in New, approval rejected: https://x.'
    )
    expect(describeProblem(problem.with({ current: 'none' })).lines.at(-1)).toBe(
      'Current status: this step has found or made no change so far.'
    )
  })

  it('tells why the last poll failed', () => {
    const last = clientProblem('unavailable', { operation: 'reading the change', status: 503 })
    const problem = changeProblem('timeout', CHANGE, { timeoutMs: 60_000, pending: [], last })
    const text = describeProblem(problem).lines.join('\n')
    expect(text).toContain('No decision within 60 s, and the last poll failed.')
    expect(text).toContain('Failed while reading the change.')
  })

  it('says what to do about an approval that nobody requested', () => {
    const facts = { reason: { code: 'never-requested' }, timeoutMs: 0, pending: [] } as const
    const { lines } = describeProblem(changeProblem('timeout', CHANGE, facts))
    expect(lines[0]).toContain('approval was never requested: the change is in New')
    expect(lines.join('\n')).toMatch(/Fix: request approval: run create-change with `request-approval: true`/)
  })

  it.each([
    [{ kind: 'no-row' }, 'no approver row does', 'have a person approve'],
    [
      { kind: 'self-approved', approvers: ['Kim'] },
      'asked for it: Kim',
      'have somebody approve it who neither'
    ],
    [{ kind: 'requester-unknown', requestedBy: 'svc' }, 'requested_by is svc', '`requested-by`'],
    [
      { kind: 'unreadable', table: 'sys_user' },
      'may not read the table sys_user',
      'read access to the table sys_user'
    ]
  ] as const)('without an approver that counts (%j) says why, and what helps', (problem, why, fix) => {
    const reason = { code: 'no-approver', problem } as const
    const description = describeProblem(changeProblem('no-approver', CHANGE, { reason, rejections: [] }))
    expect(description.title).toBe('Change CHG0030001: no-approver')
    expect(description.lines[0]).toContain(why)
    expect(description.fix).toContain(fix)
  })

  it('names who has yet to approve, ten at most', () => {
    const pending = Array.from({ length: 12 }, (_, n) => ({
      ...row,
      approver: `P${n}`,
      state: 'requested',
      group: n === 0 ? 'CAB' : ''
    }))
    const reason = { code: 'waiting-for-approval', state: 'Assess', approval: 'requested' } as const
    const facts = { reason, timeoutMs: 0, pending } as const
    const [first] = describeProblem(changeProblem('timeout', CHANGE, facts)).lines
    expect(first).toContain('Checked once, and the deployment may not begin yet: waiting for approval')
    expect(first).toMatch(/Yet to approve: P0 \(CAB\), P1, .*P9 and 2 more\.$/)
  })

  it.each([
    ['request-approval', '`request-approval: true`'],
    ['resubmit', 'submit the change again'],
    ['wait-for-approvers', 'wait for the approvers']
  ] as const)('that needs an approval advises %s', (next, fix) => {
    const facts = {
      reason: 'needs-approval',
      state: 'New',
      target: 'implement',
      type: 'normal',
      approval: 'not requested',
      next
    } as const
    const description = describeProblem(changeProblem('needs-approval', CHANGE, facts))
    expect(description.title).toBe('Change CHG0030001: not approved')
    expect(description.lines[0]).toBe(
      'CHG0030001 cannot be moved to Implement: it is in New and its approval reads "not requested".'
    )
    expect(description.fix).toContain(fix)
  })

  it('shows the conditions of a refused move, whoever refused it', () => {
    const allowed = [{ state: '-1', label: 'Implement', available: false, unmet: ['No open task'] }]
    const transition = { next: 'implement', allowed } as const
    const line = 'Conditions not met for Implement: No open task.'
    const facts = { ...transition, state: 'Scheduled', onHold: true, holdReason: 'freeze' }
    const stayed = describeProblem(changeProblem('did-not-leave', CHANGE, facts))
    expect(stayed.title).toBe('Change CHG0030001: did not leave Scheduled')
    expect(stayed.lines).toContain(line)
    expect(stayed.lines[0]).toMatch(/still in Scheduled\. It is on hold: freeze\.$/)
    const refused = clientProblem('business-rule', { operation: 'moving it', status: 403 })
    expect(describeProblem(refused.with({ transition })).lines).toContain(line)
  })
})

describe('a problem of a step', () => {
  it('lists what is wrong with the inputs, and nothing else', () => {
    const problem = stepProblem('input', { problems: ['`a` is wrong', '`b` is wrong'] })
    expect(describeProblem(problem)).toMatchObject({
      title: 'Input error',
      lines: ['`a` is wrong', '`b` is wrong']
    })
  })

  it('is a dry run with a change and without', () => {
    expect(describeProblem(stepProblem('dry-run', {})).title).toBe('Change not created: dry-run')
    const subject = { kind: 'change', ...CHANGE } as const
    const facts = { outcome: 'timeout', why: 'waiting. Yet to approve: Kim' } as const
    const description = describeProblem(stepProblem('dry-run', facts, { subject }))
    expect(description.title).toBe('Change CHG0030001: dry-run')
    expect(description.lines[1]).toContain(
      'checked once; the outcome would be timeout: waiting. Yet to approve: Kim.'
    )
  })
})

describe('descriptions', () => {
  it('are for problems with a known code alone', () => {
    expect(isDescribable(new Error('x'))).toBe(false)
    const unknown = new Problem({ code: 'toString', facts: {} })
    expect(isDescribable(unknown)).toBe(false)
    expect(() => describeProblem(unknown)).toThrow(TypeError)
  })

  it('have no full stop twice, and begin as sentences', () => {
    expect(sentence(' done. ')).toBe('Done.')
    expect(sentence('done')).toBe('Done.')
    expect(fillIn('ServiceNow {status}: {what}', { what: 'x' })).toBe('ServiceNow: x')
  })

  it.each(Object.entries(EXPLANATIONS))('%s is in plain words', (_, { cause, fix, title, variants = {} }) => {
    const texts = [cause, fix, title, ...Object.values(variants).flatMap(one => [one.cause, one.fix])]
    for (const text of texts) {
      expect(text ?? '').not.toMatch(/\b(?:look at|take up|rival|foreign text|trouble|answer)\b/i)
      expect(text ?? '').not.toMatch(/\.$/)
    }
  })
})

describe('reasons', () => {
  it('name states and times', () => {
    const plannedStart = Date.UTC(2026, 11, 1, 22)
    expect(reasonText({ code: 'window-opens', plannedStart })).toBe(
      'the window opens at 2026-12-01 22:00:00 UTC'
    )
    expect(reasonText({ code: 'on-hold', holdReason: '' })).toBe('on hold: no reason given')
    const wanted = STATES.slice(3, 5).map(state => state.label)
    expect(reasonText({ code: 'waiting-for-state', wanted, state: 'Authorize', approval: 'approved' })).toBe(
      'waiting for state Scheduled or Implement: state Authorize, approval approved'
    )
  })
})

describe('the manual action', () => {
  it.each([
    ['close', 'successful', false, 'close CHG1 with close code successful (job success).'],
    ['move-to-review', undefined, false, 'move CHG1 to Review (job success).'],
    ['add-note', undefined, true, 'see whether CHG1 is in Implement with a claim of this run; if so, add a'],
    [
      'check-not-deployed',
      undefined,
      false,
      'check CHG1: nothing was deployed under it by this run (job success)'
    ]
  ] as const)('%s', (code, closeCode, doubtful, text) => {
    const left = { code, number: 'CHG1', doubtful, result: 'success' } as const
    expect(leftToDoText(closeCode === undefined ? left : { ...left, closeCode })).toContain(text)
  })
})
