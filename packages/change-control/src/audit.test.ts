import { describe, expect, it } from '@jest/globals'
import {
  type AuditedChange,
  type AuditedDeployment,
  auditDeployment,
  auditOpenChange,
  untoldOf
} from './index.ts'

const AT = Date.UTC(2026, 11, 1, 22)
const HOUR = 3_600_000
const SHA = '0123456789abcdef0123456789abcdef01234567'

const DEPLOYMENT: AuditedDeployment = {
  commit: SHA,
  runId: '7',
  startedAt: AT,
  result: 'success',
  statusesCut: false
}
const CHANGE: AuditedChange = {
  state: 'closed',
  closeCode: 'successful',
  fromTemplate: false,
  approvedAt: AT - HOUR,
  approvers: ['anna'],
  requesters: ['kim', 'bot'],
  requestersKnown: true,
  plannedStart: AT - HOUR,
  plannedEnd: AT + HOUR,
  workStart: AT,
  commit: SHA
}

const codes = (change: Partial<AuditedChange>, deployment: Partial<AuditedDeployment> = {}) =>
  auditDeployment({ ...DEPLOYMENT, ...deployment }, { ...CHANGE, ...change }, false).map(one => one.code)

describe('an audited deployment', () => {
  it('is in order under its approved change, in its window, and closed by its result', () => {
    expect(codes({})).toEqual([])
    expect(codes({ closeCode: 'unsuccessful' }, { result: 'failure' })).toEqual([])
    expect(codes({ closeCode: 'own_code' })).toEqual([])
    expect(codes({ state: 'implement' }, { result: undefined })).toEqual([])
  })

  it('without a change is found, apart from what the policy frees and what never started', () => {
    const found = (freed: boolean, more: Partial<AuditedDeployment> = {}) =>
      auditDeployment({ ...DEPLOYMENT, ...more }, undefined, freed).map(one => one.code)
    expect(found(false)).toEqual(['no-change'])
    expect(found(true)).toEqual(['freed-by-policy'])
    expect(found(false, { startedAt: undefined, result: 'failure' })).toEqual([])
  })

  it('that started before its approval is found, and one that nobody approved', () => {
    expect(codes({ approvedAt: AT + 1_000 })).toEqual(['before-approval'])
    expect(codes({ approvedAt: undefined, approvers: [] })).toEqual(['before-approval'])
  })

  it('starts when the gate wrote that the work began: its job waited for the approval', () => {
    expect(codes({ approvedAt: AT + HOUR / 2, workStart: AT + HOUR / 2 })).toEqual([])
    expect(codes({ approvedAt: AT + HOUR / 2, workStart: AT - HOUR })).toEqual(['before-approval'])
  })

  it('outside its window is found on both sides, and without a window there is none', () => {
    expect(codes({ plannedStart: AT + 1 })).toEqual(['outside-window'])
    expect(codes({ plannedEnd: AT - 1 })).toEqual(['outside-window'])
    expect(codes({ plannedStart: undefined, plannedEnd: undefined })).toEqual([])
  })

  it('of another commit is found, as far as the binding goes', () => {
    expect(codes({ commit: SHA.slice(0, 12) })).toEqual([])
    expect(codes({ commit: 'f'.repeat(40) })).toEqual(['other-commit'])
    expect(codes({ commit: undefined })).toEqual([])
  })

  it('approved only by those who asked for it is found', () => {
    expect(codes({ approvers: ['kim'] })).toEqual(['self-approved'])
    expect(codes({ approvers: ['kim', 'anna'] })).toEqual([])
  })

  it('under a template needs no approver', () => {
    expect(codes({ fromTemplate: true, approvers: [], approvedAt: undefined })).toEqual([])
  })

  it('says nothing of approvers that cannot be read', () => {
    expect(codes({ approvers: undefined, approvedAt: undefined })).toEqual([])
  })

  it.each([
    ['left-open', { state: 'review' }, {}],
    ['left-open', { state: undefined }, {}],
    ['left-open', { state: 'assess' }, { startedAt: undefined, result: 'failure' }],
    ['result-differs', { state: 'canceled' }, {}],
    ['result-differs', { closeCode: 'unsuccessful' }, {}],
    ['result-differs', { closeCode: 'successful_issues' }, { result: 'failure' }]
  ] as const)('whose change does not tell the truth is found: %s', (code, change, deployment) => {
    expect(codes(change, deployment)).toEqual([code])
  })
})

describe('what cannot be told', () => {
  const untold = (deployment: Partial<AuditedDeployment>, change: Partial<AuditedChange> = {}) =>
    untoldOf({ ...DEPLOYMENT, ...deployment }, { ...CHANGE, ...change })

  it('is nothing where everything could be read', () => {
    expect(untold({})).toEqual([])
    expect(untoldOf(DEPLOYMENT, undefined)).toEqual([])
    expect(untold({}, { fromTemplate: true, approvers: undefined })).toEqual([])
  })

  it('is what is missing of the statuses, the run and the approvers', () => {
    expect(untold({ statusesCut: true })).toEqual([])
    expect(untold({ statusesCut: true, startedAt: undefined, result: undefined })).toHaveLength(2)
    expect(untold({ runId: undefined })).toEqual(['which run it belongs to'])
    expect(untold({}, { commit: undefined })).toEqual(['which commit the change is for'])
    expect(untold({}, { approvers: undefined })).toEqual([expect.stringMatching(/sysapproval_approver/)])
  })

  it('is who approved, where it may be the requester', () => {
    expect(untold({}, { requestersKnown: false })).toEqual([expect.stringMatching(/somebody else/)])
    expect(untold({}, { requestersKnown: false, approvers: ['kim'] })).toEqual([])
  })
})

it('a change whose run is over and that is open was left', () => {
  expect(auditOpenChange({ state: 'scheduled' })).toMatchObject([{ code: 'left-open' }])
  expect(auditOpenChange({ state: undefined })).toMatchObject([{ code: 'left-open' }])
  expect(auditOpenChange({ state: 'canceled' })).toEqual([])
})
