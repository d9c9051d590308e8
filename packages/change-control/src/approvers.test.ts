import { describe, expect, it } from '@jest/globals'
import {
  type ApproverRow,
  approvalBasis,
  approverProblem,
  asksApprovers,
  isApprovedByTemplate,
  type Requesters
} from './index.ts'

const row = (name: string, state = 'approved'): ApproverRow => ({
  approver: name,
  approverId: `id-${name}`,
  userName: name,
  state
})
/** The service account made it, for Kim. */
const FOR_KIM: Requesters = {
  creator: 'svc',
  openedBy: 'id-svc',
  requestedBy: { id: 'id-kim', name: 'Kim' },
  ownAccount: false
}

describe('an approver', () => {
  it('is a row that reads approved', () => {
    expect(approverProblem([row('anna')], undefined)).toBeUndefined()
    expect(approverProblem([row('anna', 'Approved')], undefined)).toBeUndefined()
    for (const state of ['requested', 'rejected', 'not_required', 'cancelled', ''])
      expect(approverProblem([row('anna', state)], undefined)).toEqual({ kind: 'no-row' })
    expect(approverProblem([], undefined)).toEqual({ kind: 'no-row' })
  })

  it('is not known where the rows cannot be read', () => {
    const problem = { kind: 'unreadable', table: 'sysapproval_approver' }
    expect(approverProblem(undefined, undefined)).toEqual(problem)
    expect(approverProblem(undefined, FOR_KIM)).toEqual(problem)
  })

  it('is not who asked, where that is refused', () => {
    expect(approverProblem([row('anna')], FOR_KIM)).toBeUndefined()
    for (const name of ['kim', 'svc', 'SVC'])
      expect(approverProblem([row(name)], FOR_KIM)).toEqual({ kind: 'self-approved', approvers: [name] })
    const openedByLee = { ...FOR_KIM, openedBy: 'id-lee' }
    expect(approverProblem([row('lee')], openedByLee)).toMatchObject({ kind: 'self-approved' })
  })

  it('may be one of several, as long as somebody else approved too', () => {
    expect(approverProblem([row('kim'), row('anna')], FOR_KIM)).toBeUndefined()
    expect(approverProblem([row('kim'), row('anna', 'requested')], FOR_KIM)).toMatchObject({
      kind: 'self-approved',
      approvers: ['kim']
    })
  })

  it('cannot be told from who asked when that is not a person', () => {
    const unknown = { kind: 'requester-unknown' }
    const empty = { ...FOR_KIM, requestedBy: { id: '', name: '' } }
    expect(approverProblem([row('anna')], empty)).toEqual({ ...unknown, requestedBy: '' })
    expect(approverProblem([row('anna')], { ...FOR_KIM, ownAccount: true })).toEqual({
      ...unknown,
      requestedBy: 'Kim'
    })
  })

  it('cannot be told from who asked when names are hidden', () => {
    const hidden = { ...row('anna'), userName: '' }
    expect(approverProblem([hidden], FOR_KIM)).toEqual({ kind: 'unreadable', table: 'sys_user' })
    expect(approverProblem([hidden, row('ben')], FOR_KIM)).toBeUndefined()
    for (const field of ['creator', 'openedBy', 'requestedBy'] as const)
      expect(approverProblem([row('anna')], { ...FOR_KIM, [field]: undefined })).toEqual({
        kind: 'unreadable',
        table: 'change_request'
      })
  })
})

describe('a standard change made from a template', () => {
  const template = { type: 'standard', fromTemplate: true }

  it('has no approvers to ask', () => {
    expect(asksApprovers({ selfApproval: 'refuse' }, template)).toBe(false)
    expect(asksApprovers({ requireApprover: true }, template)).toBe(false)
  })

  it('is of that type: another type that names a template is asked', () => {
    expect(isApprovedByTemplate({ type: 'normal', fromTemplate: true })).toBe(false)
    expect(asksApprovers({ requireApprover: true }, { type: 'normal', fromTemplate: true })).toBe(true)
    expect(asksApprovers({ selfApproval: 'refuse' }, { type: 'standard', fromTemplate: false })).toBe(true)
    expect(asksApprovers({}, { type: 'normal', fromTemplate: false })).toBe(false)
  })
})

describe('the basis of an approval', () => {
  const normal = { type: 'normal', fromTemplate: false, approval: 'approved' }

  it.each([
    ['person', normal, [row('anna')], true],
    ['policy', normal, [row('anna', 'not_required')], true],
    ['policy', normal, [], true],
    ['unknown', normal, undefined, true],
    ['template', { ...normal, type: 'standard', fromTemplate: true }, undefined, true],
    ['none', { ...normal, approval: 'not requested' }, [], false],
    ['person', normal, [row('anna')], false],
    [undefined, { ...normal, approval: 'requested' }, [row('anna')], true]
  ] as const)('is %s', (basis, change, rows, required) => {
    expect(approvalBasis(change, rows, required)).toBe(basis)
  })
})
