/** Who created a change, on an instance that ignores terms of a query: it names whoever it finds. */
import { type Change, clientProblem, type Query } from '@change-actions/servicenow-client'
import { describe, expect, it } from '@jest/globals'
import type { OperationContext } from '../context.ts'
import { createdByUs } from './creator.ts'

const change = (creator: string) =>
  ({ sysId: creator, fields: { sys_created_by: { value: creator, display: creator } } }) as unknown as Change

/** An instance that returns what it is asked about, whatever the terms. @param name what it says of the account */
function ignoring(found: readonly Change[], name: () => Promise<string | undefined>): OperationContext {
  const changes = { find: async (_: Query) => found }
  return { client: { changes, ownName: name } } as unknown as OperationContext
}

const ours = async (found: readonly Change[], name: () => Promise<string | undefined>) => [
  ...(await createdByUs(ignoring(found, name), found, { trustedAccounts: [] }))
]

describe('where the instance ignores a term', () => {
  it('a change is ours when the one user it takes for us created it', async () => {
    expect(await ours([change('svc')], async () => 'SVC')).toEqual(['svc'])
  })

  it('nothing is ours when another user created it, or the instance does not say who we are', async () => {
    expect(await ours([change('mallory')], async () => 'svc')).toEqual([])
    expect(await ours([change('svc'), change('mallory')], async () => 'svc')).toEqual([])
    expect(await ours([change('svc')], async () => undefined)).toEqual([])
    const refused = clientProblem('not-found', { operation: 'reading', status: 404 } as never)
    expect(await ours([change('svc')], () => Promise.reject(refused))).toEqual([])
  })
})
