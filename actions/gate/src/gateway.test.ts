/** An instance behind a gateway: below a path, without the version in the path of its API, compressed. */
import { expect, it } from '@jest/globals'
import { type Gateway, startGateway } from '../../testing/gateway.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { performPost } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

const STANDARD = { environment: 'production', 'standard-change-template': 'app-deployment-template' }

const behindGateway = (body: (world: World, gateway: Gateway) => Promise<void>) =>
  inWorld({}, async world => {
    const gateway = await startGateway(world.sandbox.url, '/itsm/prod')
    await body(world, gateway).finally(() => gateway.close())
  })

it('a change is opened and closed through it; the post step has the path from the main step', () =>
  behindGateway(async (world, gateway) => {
    const env = { SERVICENOW_INSTANCE: gateway.url, SERVICENOW_API_PATH: '/itsm/prod' }
    const main = await world.perform(definition, { inputs: STANDARD, env })
    expect(main.failure).toBeUndefined()
    expect(main.outputs['change-url']).toMatch(new RegExp(`^${gateway.url}/nav_to\\.do`))
    const step = await performPost(world, main, 'success')
    expect(step.errors).toEqual([])
    expect(world.sandbox.change(main.outputs['change-number'] ?? '')?.state).toBe('3')
    // Each of the two steps finds out with its first requests; main sends two of them at once.
    expect(gateway.requests.filter(one => one.includes('/sn_chg_rest/v1/')).length).toBeLessThanOrEqual(3)
    expect(gateway.requests.filter(one => !one.includes(' /itsm/prod/'))).toEqual([])
  }))

it('a path that is wrong is said to be no instance', () =>
  behindGateway(async (world, gateway) => {
    const env = { SERVICENOW_INSTANCE: gateway.url, SERVICENOW_API_PATH: '/itsm/test' }
    const { failure } = await world.perform(definition, { inputs: STANDARD, env })
    expect(failure?.title).toBe('ServiceNow 404: no OAuth sign-in at this address')
    expect(failure?.text).toContain('/itsm/test/oauth_token.do')
    expect(failure?.text).toContain('`api-path`')
  }))
