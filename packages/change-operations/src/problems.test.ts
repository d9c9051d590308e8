import { clientProblem, Problem } from '@change-actions/servicenow-client'
import { describe, expect, it } from '@jest/globals'
import { changeProblem, isChangeProblem, isRefusedMove } from './problems.ts'

const CHANGE = { number: 'CHG0030001', sysId: 'x', state: 'ignored' }

describe('a problem of an operation', () => {
  it('has its code, its facts and what it is about', () => {
    const cause = new Error('x')
    const problem = changeProblem('already-used', CHANGE, {}, { outcome: 'unexpected-state', cause })
    expect(problem).toMatchObject({
      code: 'already-used',
      facts: {},
      subject: { kind: 'change', number: 'CHG0030001', sysId: 'x' },
      retry: { temporary: false },
      committed: 'no',
      outcome: 'unexpected-state',
      cause
    })
    expect(changeProblem('no-change-named', undefined, {}).subject).toBeUndefined()
  })

  it('is told from one of the client and from any other error', () => {
    const problem = changeProblem('no-change-named', undefined, {})
    expect(isChangeProblem(problem)).toBe(true)
    expect(isChangeProblem(problem, 'no-change-named', 'interference')).toBe(true)
    expect(isChangeProblem(problem, 'interference')).toBe(false)
    expect(isChangeProblem(clientProblem('role', { operation: 'x' }))).toBe(false)
    expect(isChangeProblem(new Problem({ code: 'input', facts: {} }))).toBe(false)
    expect(isChangeProblem(new Error('x'))).toBe(false)
    expect(isChangeProblem(undefined)).toBe(false)
  })

  it('of a refused move is one of the client with what the instance allows', () => {
    const refused = clientProblem('role', { operation: 'x' }) as Problem
    expect(isRefusedMove(refused.with({ transition: { next: 'review' } }))).toBe(true)
    expect(isRefusedMove(refused)).toBe(false)
    expect(isRefusedMove(new Problem({ code: 'other', facts: { transition: {} } }))).toBe(false)
  })
})
