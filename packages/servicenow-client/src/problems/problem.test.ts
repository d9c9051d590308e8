import { describe, expect, it } from '@jest/globals'
import { Problem } from './problem.ts'

const SUBJECT = { kind: 'change', number: 'CHG0030001', sysId: 'c1' } as const

describe('a problem', () => {
  it('is an error that has code and facts in its message', () => {
    const problem = new Problem({ code: 'role', facts: { status: 403 } })
    expect(problem).toBeInstanceOf(Error)
    expect(problem).toMatchObject({ name: 'Problem', message: 'role {"status":403}' })
  })

  it('is final and has written nothing by default', () => {
    const problem = new Problem({ code: 'role', facts: {} })
    expect(problem.retry).toEqual({ temporary: false })
    expect(problem.committed).toBe('no')
    expect(problem.subject).toBeUndefined()
    expect(problem.outcome).toBeUndefined()
    expect('cause' in problem).toBe(false)
  })
})

describe('with', () => {
  const cause = new Error('socket hang up')
  const problem = new Problem({
    code: 'connection',
    facts: { operation: 'moving', status: 'connection' },
    subject: SUBJECT,
    retry: { temporary: true, afterMs: 5_000 },
    committed: 'maybe',
    outcome: 'failed',
    cause
  })

  it('keeps code, subject, retry, committed and outcome', () => {
    const more = problem.with({})
    expect(more).toBeInstanceOf(Problem)
    expect(more).not.toBe(problem)
    expect(more).toMatchObject({
      code: 'connection',
      subject: SUBJECT,
      retry: { temporary: true, afterMs: 5_000 },
      committed: 'maybe',
      outcome: 'failed'
    })
  })

  it('adds facts, and replaces facts of the same name', () => {
    expect(problem.with({ status: 'TLS', host: 'acme' }).facts).toEqual({
      operation: 'moving',
      status: 'TLS',
      host: 'acme'
    })
    expect(problem.facts).toEqual({ operation: 'moving', status: 'connection' })
  })

  it('has the first problem as its cause, which keeps its own', () => {
    const more = problem.with({})
    expect(more.cause).toBe(problem)
    expect(problem.cause).toBe(cause)
  })

  it.each([
    { subject: { ...SUBJECT, number: 'CHG0030002' } },
    { committed: 'no' as const },
    { outcome: 'rejected' }
  ])('takes %j', details => {
    expect(problem.with({}, details)).toMatchObject({ ...details, code: 'connection', retry: problem.retry })
  })
})
