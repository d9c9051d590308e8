/** A job that looks once and is green when nothing is decided yet, as in examples/checked-rerun.yml: what it costs. */
import { describe, expect, it } from '@jest/globals'
import { definition as createChange } from '../../create-change/src/main.ts'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const UNDECIDED = { autoApproveAfterMs: 600_000 }
const CHANGE = {
  environment: 'production',
  'short-description': 'Deploy',
  'assignment-group': 'DevOps Team'
}
const LOOK = { environment: 'production', timeout: '0', 'fail-when-not-approved': 'false' }

/** A step, and the requests to ServiceNow that it took. */
async function counted(
  { sandbox }: World,
  body: () => Promise<Performed>
): Promise<{ readonly step: Performed; readonly requests: readonly string[] }> {
  const before = sandbox.requests.length
  const step = await body()
  const requests = sandbox.requests.slice(before).map(({ method, path }) => `${method} ${path}`)
  return { step, requests }
}

describe('a change that is not decided yet', () => {
  it.each([
    ['change-management', '/api/sn_chg_rest/v1/change'],
    ['table', '/api/now/table/change_request']
  ] as const)('on the %s API three requests tell so, and the step is green', (api, path) =>
    inWorld({ ...UNDECIDED, api }, async world => {
      await world.perform(createChange, { inputs: CHANGE })
      const { step, requests } = await counted(world, () => world.perform(definition, { inputs: LOOK }))
      expect(requests).toEqual([
        'POST /oauth_token.do',
        `GET ${path}`,
        'GET /api/now/table/sysapproval_approver'
      ])
      expect(step.failure).toBeUndefined()
      expect([step.warnings, step.errors]).toEqual([[], []])
      expect(step.notices).toEqual([
        expect.stringMatching(/^Checked once, and the deployment may not begin yet/)
      ])
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'timeout', polls: '1' })
    })
  )

  it('eight requests are all that the job takes when it is run again, and none of them writes', () =>
    inWorld(UNDECIDED, async world => {
      await world.perform(createChange, { inputs: CHANGE })
      const attempt = { GITHUB_RUN_ATTEMPT: '2' }
      const found = await counted(world, () => world.perform(createChange, { inputs: CHANGE, env: attempt }))
      expect(found.step.outputs.created).toBe('false')
      const looked = await counted(world, () => world.perform(definition, { inputs: LOOK, env: attempt }))
      const all = [...found.requests, ...looked.requests]
      expect(all.length).toBeLessThanOrEqual(8)
      expect(all.filter(one => !one.startsWith('GET '))).toEqual(Array(2).fill('POST /oauth_token.do'))
    }))
})
