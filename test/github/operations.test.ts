/** Every operation once: each response must fit the description, which `stop()` checks. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { loadDescription } from './description.ts'
import { ALL, calls } from './every-operation.ts'
import { client, type Stage, stage } from './kit.ts'
import { REQUIREMENTS } from './permissions.ts'
import { HANDLERS } from './routes.ts'

let world: Stage
beforeAll(async () => {
  world = await stage()
})
afterAll(() => world.github.stop())

/** The token that an operation is called with. */
function tokenFor({ github }: Stage, operationId: string, installation: string, jwt: string): string {
  if (REQUIREMENTS[operationId] === 'app') return jwt
  const ofPerson = ['users/get-authenticated', 'actions/review-pending-deployments-for-run'].includes(
    operationId
  )
  return ofPerson ? github.token({ kind: 'fine-grained', user: 'anna', permissions: ALL }) : installation
}

describe('the operations', () => {
  it('of the description all have a handler and a right', async () => {
    const { operationIds } = await loadDescription()
    expect(Object.keys(HANDLERS).sort()).toEqual([...operationIds].sort())
    expect(Object.keys(REQUIREMENTS).sort()).toEqual([...operationIds].sort())
  })

  it('respond as the description says', async () => {
    const app = world.github.app('everything', ALL)
    const installation = app.install('acme')
    const all = calls(world, { app, installation })
    const [token, jwt] = [installation.token(), app.jwt()]
    const { operationIds } = await loadDescription()
    expect(Object.keys(all).sort()).toEqual([...operationIds].sort())
    const statuses: Record<string, number> = {}
    for (const [operationId, [route, parameters]] of Object.entries(all)) {
      const call = client(world.github, tokenFor(world, operationId, token, jwt))
      const { status, data } = await call(route, parameters)
      statuses[operationId] = status
      if (status === 501) throw new Error(`${operationId}: ${data.message}`)
    }
    expect(statuses).toEqual(
      Object.fromEntries(Object.entries(all).map(([id, [, , status]]) => [id, status]))
    )
    expect(world.github.defects).toEqual([])
    expect(world.github.requests.map(({ operationId }) => operationId)).toEqual(Object.keys(all))
  }, 30_000)
})
