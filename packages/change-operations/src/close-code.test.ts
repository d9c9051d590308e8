import { beforeEach, describe, expect, it } from '@jest/globals'
import { closeCodeFor, resolveCloseCode } from './close-code.ts'
import { contextOn, problemOf } from './testing/context.ts'
import { startInstance, type TestInstance } from './testing/instance.ts'

let instance: TestInstance
beforeEach(() => {
  instance = startInstance()
})

/** The close codes of this instance alone. */
function ownCodes(codes: Readonly<Record<string, string>>): void {
  const { sandbox } = instance
  for (const row of sandbox.rows('sys_choice').filter(one => one.element === 'close_code'))
    sandbox.set('sys_choice', row.sys_id, { inactive: 'true' })
  for (const [value, label] of Object.entries(codes)) {
    const place = { name: 'change_request', element: 'close_code', language: 'en', inactive: 'false' }
    sandbox.insert('sys_choice', { ...place, value, label })
  }
}

const OWN = { implemented: 'Implemented as planned', backed_out: 'Backed out' }

const resolve = async (code: string, result?: 'success' | 'failure' | 'cancelled') =>
  resolveCloseCode(contextOn(instance), await instance.add(), code, result)

describe('the close code of a result', () => {
  it('is the shipped one, unless the instance has codes of its own', () => {
    expect(closeCodeFor({}, 'success')).toBe('successful')
    expect(closeCodeFor({}, 'failure')).toBe('unsuccessful')
    expect(closeCodeFor({}, 'cancelled')).toBe('unsuccessful')
    const own = { success: 'implemented', failure: 'backed_out' }
    expect(closeCodeFor(own, 'success')).toBe('implemented')
    expect(closeCodeFor(own, 'failure')).toBe('backed_out')
    expect(closeCodeFor(own, 'cancelled')).toBe('backed_out')
  })
})

describe('a close code', () => {
  it.each([
    ['successful', 'successful'],
    ['Successful', 'successful'],
    ['Successful with issues', 'successful_issues'],
    ['UNSUCCESSFUL', 'unsuccessful']
  ])('%j is the shipped %s', async (code, value) => {
    expect(await resolve(code)).toBe(value)
  })

  it.each([
    ['implemented', 'implemented'],
    ['Implemented as planned', 'implemented'],
    ['backed out', 'backed_out']
  ])("%j is the instance's %s", async (code, value) => {
    ownCodes(OWN)
    expect(await resolve(code)).toBe(value)
  })

  it('may have the label of a shipped one', async () => {
    ownCodes({ done: 'Successful' })
    expect(await resolve('successful')).toBe('done')
  })

  it.each([undefined, 'success', 'failure'] as const)(
    'that the instance does not have is a problem that lists those it has (result %s)',
    async result => {
      ownCodes(OWN)
      const problem = await problemOf(resolve('successful', result), 'unknown-close-code')
      const codes = ['Implemented as planned', 'Backed out']
      expect(problem.facts).toMatchObject({ code: 'successful', result })
      expect([...problem.facts.codes].sort()).toEqual(codes.sort())
      expect(instance.writes).toEqual([])
    }
  )

  it('is sent as it is where the list may not be read', async () => {
    ownCodes(OWN)
    instance.fail('look-up', { kind: 'acl', times: Number.POSITIVE_INFINITY })
    expect(await resolve('Successful with issues')).toBe('successful_issues')
    expect(await resolve('Rolled back')).toBe('Rolled back')
  })
})
