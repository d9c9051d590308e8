import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const DEPLOY = { 'short-description': 'Deploy the shop', 'assignment-group': 'DevOps Team' }

/** Nobody is asked for approval while a test runs. */
const NEVER_MS = 600_000

const create = ({ perform }: World, inputs: Record<string, string> = {}, env: Record<string, string> = {}) =>
  perform(definition, { inputs: { ...DEPLOY, ...inputs }, env })

const metrics = ({ outputs }: Performed) => JSON.parse(outputs.metrics ?? '') as Record<string, unknown>

const writes = ({ sandbox }: World) =>
  sandbox.requests.filter(one => one.method !== 'GET' && one.path !== '/oauth_token.do')

/** A change of somebody else, past all rules. */
function plant({ sandbox }: World, fields: Record<string, string>) {
  const sysId = sandbox.insert('change_request', { short_description: 'By hand', type: 'normal', ...fields })
  return { sysId, number: sandbox.change(sysId)?.number ?? '' }
}

describe.each(['change-management', 'table'] as const)('on the %s API, create-change', api => {
  it('makes a change, requests its approval, and tells all about it', () =>
    inWorld({ api, approvalDelayMs: NEVER_MS }, async world => {
      const step = await create(world, { risk: 'low', 'work-notes': 'Release 7' })
      expect(step.failure).toBeUndefined()
      const [change] = world.sandbox.rows('change_request')
      const sysId = change?.sys_id ?? ''
      const number = change?.number ?? ''
      expect(change).toMatchObject({ state: '-4', short_description: 'Deploy the shop' })
      expect(world.notes(number)).toEqual([expect.stringMatching(/^Release 7\n/)])
      expect(step.outputs).toEqual({
        'change-sys-id': sysId,
        'change-number': number,
        'change-url': expect.stringMatching(new RegExp(`^${world.sandbox.url}/.*${sysId}`)),
        'change-state': 'assess',
        'change-type': 'normal',
        approval: 'not requested',
        risk: 'Low',
        created: 'true',
        attachments: '[]',
        'correlation-id': change?.correlation_id,
        metrics: expect.any(String)
      })
      expect(step.exported).toEqual({ SERVICENOW_CHANGE_SYS_ID: sysId, SERVICENOW_CHANGE_NUMBER: number })
      expect(step.info).toContainEqual(
        expect.stringMatching(new RegExp(`^Created ${number} \\(normal\\) in New\\. `))
      )
      expect(step.info.at(-1)).toMatch(
        new RegExp(
          `^${number}: state Assess, approval not requested yet: approvers not assigned yet\\. ${world.sandbox.url}/.*${sysId}`
        )
      )
      expect(step.warnings).toEqual([])
    }))

  it('reuses the change of the deployment when it runs again', () =>
    inWorld({ api }, async world => {
      const first = await create(world)
      const second = await create(world, {}, { GITHUB_RUN_ATTEMPT: '2' })
      expect(second.failure).toBeUndefined()
      expect(second.outputs).toMatchObject({
        created: 'false',
        'change-number': first.outputs['change-number'],
        'correlation-id': first.outputs['correlation-id']
      })
      expect(second.exported).toEqual(first.exported)
      expect(second.info).toContainEqual(expect.stringMatching(/^Reusing CHG/))
      expect(metrics(second)).toMatchObject({ result: 'reused' })
      expect(world.sandbox.rows('change_request')).toHaveLength(1)
    }))

  it('uses the change that is named, and does not write its fields', () =>
    inWorld({ api }, async world => {
      const { number, sysId } = plant(world, { state: '-2', approval: 'approved', risk: '4' })
      const step = await create(world, { 'change-number': number, description: 'Not this' })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({
        'change-sys-id': sysId,
        'change-number': number,
        'change-state': 'scheduled',
        approval: 'approved',
        'change-type': 'normal',
        risk: 'Low',
        created: 'false'
      })
      expect(step.exported).toEqual({ SERVICENOW_CHANGE_SYS_ID: sysId, SERVICENOW_CHANGE_NUMBER: number })
      expect(metrics(step)).toMatchObject({ result: 'reused' })
      expect(world.sandbox.change(number)).toMatchObject({
        short_description: 'By hand',
        description: '',
        assignment_group: ''
      })
      expect(world.sandbox.rows('change_request')).toHaveLength(1)
    }))

  it('says in a dry run each write, and writes nothing', () =>
    inWorld({ api }, async world => {
      writeFileSync(join(world.workspace, 'report.txt'), 'All well.\n')
      const step = await create(world, { 'dry-run': 'true', attachments: '- report.txt' })
      expect(step.failure).toBeUndefined()
      expect(step.info.filter(line => line.startsWith('Dry run'))).toEqual([
        expect.stringMatching(/^Dry run: would create a normal change with .*short_description="Deploy/),
        'Dry run: would attach report.txt (10 bytes).',
        'Dry run: would move it from New to Assess.'
      ])
      expect(step.outputs).toEqual({
        created: 'false',
        attachments: '[]',
        'correlation-id': expect.stringMatching(/^gha-[0-9a-f]{64}$/),
        metrics: expect.any(String)
      })
      expect(metrics(step)).toMatchObject({ result: 'dry-run' })
      expect(metrics(step)).not.toHaveProperty('creation_ms')
      expect(step.exported).toEqual({})
      expect(step.summary).toContain('Dry run: nothing was written.')
      expect(step.summary).toMatch(/- attach report.*txt/)
      expect(writes(world)).toEqual([])
    }))
})

describe('the identity of a deployment', () => {
  it('is the correlation id given, as an output and in the change', () =>
    inWorld({}, async world => {
      const step = await create(world, { 'correlation-id': 'shop/7' })
      expect(step.outputs['correlation-id']).toBe('shop/7')
      expect(world.sandbox.rows('change_request')[0]?.correlation_id).toBe('shop/7')
    }))

  it('is another one for each leg of a matrix, and for each scope', () =>
    inWorld({}, async world => {
      const ids = []
      for (const inputs of [
        {},
        { 'own-matrix-index': '1' },
        { 'own-matrix-index': '2' },
        { 'correlation-scope': 'eu' }
      ])
        ids.push((await create(world, { 'dry-run': 'true', ...inputs })).outputs['correlation-id'])
      expect(new Set(ids).size).toBe(4)
    }))

  it('has the commit given in place of the commit of the run', () =>
    inWorld({}, async world => {
      const commit = 'ABCDEF0123456789abcdef0123456789abcdef01'
      await create(world, { commit })
      const [change] = world.sandbox.rows('change_request')
      expect(change?.description).toContain(`Commit: ${commit.toLowerCase()}`)
      expect(change?.correlation_display).toContain(commit.slice(0, 12).toLowerCase())
    }))
})

describe('several changes in a job', () => {
  it('are all exported, oldest first', () =>
    inWorld({}, async world => {
      const one = await create(world, { 'correlation-scope': 'one' })
      const two = await create(world, { 'correlation-scope': 'two' })
      const numbers = [one, two].map(step => step.outputs['change-number'] ?? '')
      expect(new Set(numbers).size).toBe(2)
      expect(two.exported.SERVICENOW_CHANGE_NUMBER?.split(/[^A-Z0-9]+/)).toEqual(numbers)
    }))
})

describe('measures and summary', () => {
  it('tell the time of the creation, and the requests', () =>
    inWorld({ approvalDelayMs: NEVER_MS }, async world => {
      const step = await create(world)
      expect(metrics(step)).toEqual({
        creation_ms: expect.any(Number),
        requests: expect.any(Number),
        request_errors: 0,
        result: 'created',
        added_ms: expect.any(Number)
      })
      const { creation_ms: creation, added_ms: added } = metrics(step) as Record<string, number>
      expect(creation).toBeGreaterThan(0)
      expect(creation).toBeLessThanOrEqual(added ?? 0)
      expect(step.summary).not.toContain('##')
      expect(step.summary).toContain(`[${step.outputs['change-number']}](${step.outputs['change-url']})`)
      expect(step.summary).toMatch(/created, state Assess/)
    }))

  it('have no time of creation for a change that was reused', () =>
    inWorld({}, async world => {
      await create(world)
      expect(metrics(await create(world))).not.toHaveProperty('creation_ms')
    }))
})
