/** Which change the gate takes: supplied by people, claimed by another run, with risk, conflicts and files. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seedId } from '@change-actions/sandbox'
import { describe, expect, it } from '@jest/globals'
import { inWorld } from '../../testing/perform.ts'
import { NOTHING_SAVED } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

const NORMAL = { environment: 'production', 'assignment-group': 'DevOps Team', 'poll-interval': '1' }
const STANDARD = { environment: 'production', 'standard-change-template': 'app-deployment-template' }
const ONCE = { timeout: '0' }
const UNDECIDED = { autoApproveAfterMs: 600_000 }
const SCHEDULED = { state: '-2', approval: 'approved' }
const FOREIGN = 'gha 65dbbeda5ade 77 0123456789ab'

describe('a change that people supply', () => {
  it('is bound to this deployment and taken to Implement', () =>
    inWorld({}, async ({ sandbox, plant, perform }) => {
      const { number, sysId } = plant(SCHEDULED)
      const step = await perform(definition, { inputs: { 'change-number': number } })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ approved: 'true', created: 'false', 'change-sys-id': sysId })
      expect(sandbox.change(sysId)).toMatchObject({
        state: '-1',
        short_description: 'Deploy the shop',
        correlation_display: expect.stringMatching(/^gha2 65dbbeda5ade[0-9a-f]{28} 1001 /)
      })
      expect(sandbox.rows('change_request')).toHaveLength(1)
      expect(JSON.parse(step.state.gate ?? '').change).toMatchObject({ supplied: true, created: false })
    }))

  it('of another repository is refused, unless that is allowed', () =>
    inWorld({}, async ({ sandbox, plant, perform }) => {
      const { number } = plant({ ...SCHEDULED, correlation_display: FOREIGN })
      const step = await perform(definition, { inputs: { 'change-number': number } })
      expect(step.failure?.title).toBe(`Change ${number}: foreign-change`)
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'foreign-change' })
      // The post step is to do nothing with it.
      expect(step.state).toEqual(NOTHING_SAVED)
      expect(sandbox.change(number)?.state).toBe('-2')
      const inputs = { 'change-number': number, 'allow-foreign-change': 'true' }
      const allowed = await perform(definition, { inputs })
      expect(allowed.outputs.outcome).toBe('approved')
      expect(sandbox.change(number)?.correlation_display).toBe(FOREIGN)
    }))

  it('of another repository has a commit that says nothing about this one', () =>
    inWorld({}, async ({ plant, perform }) => {
      const { number } = plant({
        ...SCHEDULED,
        correlation_display: FOREIGN.replace('65dbbeda5ade', '0123456789ab')
      })
      const inputs = { 'change-number': number, 'allow-foreign-change': 'true' }
      expect((await perform(definition, { inputs })).outputs.outcome).toBe('approved')
    }))

  it('of a type that is not asked for, or that the policy does not allow, is refused', () =>
    inWorld({}, async ({ policy, plant, perform }) => {
      const { number } = plant({ ...SCHEDULED, type: 'standard' })
      const inputs = { 'change-number': number, environment: 'production' }
      const given = await perform(definition, { inputs: { ...inputs, type: 'normal' } })
      expect(given.outputs.outcome).toBe('foreign-change')
      expect(given.failure?.text).toContain('its type is "Standard"')
      policy('enforce: { type: [normal, emergency] }\nunlisted: controlled')
      const enforced = await perform(definition, { inputs })
      expect(enforced.failure?.text).toContain(
        '`type` must be one of `normal`, `emergency`, and is not given'
      )
      policy('enforce: { type: standard }\nunlisted: controlled')
      expect((await perform(definition, { inputs })).outputs.outcome).toBe('approved')
    }))

  it('of another CI is refused', () =>
    inWorld({}, async ({ plant, perform }) => {
      const { number } = plant(SCHEDULED)
      const step = await perform(definition, {
        inputs: { 'change-number': number, 'cmdb-ci': 'prod-k8s-cluster' }
      })
      expect(step.outputs.outcome).toBe('foreign-change')
    }))

  it('approved for another commit is refused, unless a new commit is allowed', () =>
    inWorld(UNDECIDED, async ({ sandbox, perform }) => {
      const first = await perform(definition, { inputs: { ...NORMAL, ...ONCE, version: 'v1' } })
      const number = first.outputs['change-number'] ?? ''
      const bound = sandbox.change(number)?.correlation_display ?? ''
      const stale = bound.replace('65dbbeda5ade', '0123456789ab')
      sandbox.set('change_request', number, { ...SCHEDULED, correlation_display: stale })
      const inputs = { environment: 'production', ...ONCE, 'change-number': number }
      const step = await perform(definition, { inputs })
      expect(step.failure?.title).toBe(`Change ${number}: stale-approval`)
      expect(step.failure?.text).toMatch(/commit 0123456789ab.*deploys 65dbbeda5ade/)
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'stale-approval' })
      const allowed = await perform(definition, { inputs: { ...inputs, 'allow-new-commit': 'true' } })
      expect(allowed.outputs.outcome).toBe('approved')
    }))

  it('approved for another commit is refused, also where the change is found again by its deployment', () =>
    inWorld(UNDECIDED, async ({ sandbox, perform }) => {
      const inputs = { ...NORMAL, ...ONCE, version: 'v1' }
      const first = await perform(definition, { inputs })
      const number = first.outputs['change-number'] ?? ''
      sandbox.set('change_request', number, SCHEDULED)
      const env = { GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567', GITHUB_RUN_ID: '1002' }
      const second = await perform(definition, { inputs, env })
      expect(second.outputs).toMatchObject({ 'change-number': number, outcome: 'stale-approval' })
    }))

  it('waits for no approval where the user says so', () =>
    inWorld({}, async ({ plant, perform }) => {
      const { number } = plant({ state: '-2' })
      const inputs = { ...ONCE, 'change-number': number, 'require-approval': 'false' }
      const step = await perform(definition, { inputs })
      // Whether it may be entered without one is for the instance to say.
      expect(step.info.join('\n')).toContain('may proceed without approval')
      expect(step.outputs.outcome).not.toBe('timeout')
    }))

  it('is deployed outside its window where the user says so', () =>
    inWorld({}, async ({ plant, perform }) => {
      const { number } = plant({ ...SCHEDULED, end_date: '2020-01-01 00:00:00' })
      const inputs = { ...ONCE, 'change-number': number, 'change-window': 'ignore' }
      expect((await perform(definition, { inputs })).outputs.outcome).toBe('approved')
    }))

  it('has as much of its window left as the user asks for', () =>
    inWorld({}, async ({ plant, perform }) => {
      const end = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
      const { number } = plant({ ...SCHEDULED, end_date: end })
      const inputs = { ...ONCE, 'change-number': number }
      const short = await perform(definition, { inputs: { ...inputs, 'minimum-window': '2h' } })
      expect(short.outputs.outcome).toBe('window-closed')
      expect(short.failure?.text).toContain('120 min must be left')
      const enough = await perform(definition, { inputs: { ...inputs, 'minimum-window': '30m' } })
      expect(enough.outputs.outcome).toBe('approved')
    }))

  it('is not begun before the state that the user waits for', () =>
    inWorld({}, async ({ plant, perform }) => {
      const { number } = plant(SCHEDULED)
      const inputs = { ...ONCE, 'change-number': number, 'proceed-states': 'implement' }
      expect((await perform(definition, { inputs })).outputs.outcome).toBe('timeout')
      const strict = await perform(definition, { inputs: { ...inputs, 'wait-states': 'new' } })
      expect(strict.outputs.outcome).toBe('unexpected-state')
    }))
})

describe('a change that another run has', () => {
  it('is in use, unless this run takes it over', () =>
    inWorld({}, async ({ notes, perform }) => {
      const first = await perform(definition, { inputs: STANDARD })
      const number = first.outputs['change-number'] ?? ''
      const env = { GITHUB_RUN_ID: '1002' }
      const second = await perform(definition, { inputs: STANDARD, env })
      expect(second.failure?.title).toBe(`Change ${number}: in-use`)
      expect(second.outputs).toMatchObject({ approved: 'false', outcome: 'in-use', 'change-number': number })
      expect(notes(number)).toHaveLength(1)
      expect(JSON.parse(second.state.gate ?? '').change).toMatchObject({ phase: 'before', outcome: 'in-use' })
      const third = await perform(definition, { inputs: { ...STANDARD, 'take-over': 'true' }, env })
      expect(third.outputs.outcome).toBe('approved')
      expect(third.warnings).toEqual([expect.stringContaining('claimed by run 1001; this run takes it over')])
    }))
})

describe('what the post step is to know', () => {
  it('is saved as soon as there is a change, and says how far the gate came', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      const step = await perform(definition, { inputs: { ...STANDARD, 'on-failure': 'close' } })
      const { change, inputs } = JSON.parse(step.state.gate ?? '')
      expect(change).toMatchObject({
        sysId: step.outputs['change-sys-id'],
        number: step.outputs['change-number'],
        created: true,
        supplied: false,
        phase: 'entered'
      })
      expect(change.outcome).toBeUndefined()
      const times = change.times as [string, number][]
      expect(times.map(([name]) => name)).toEqual(['new', 'scheduled', 'implement'])
      expect(inputs).toMatchObject({ instance: sandbox.url, environment: 'production', onFailure: 'close' })
    }))

  it('is that it may have entered, before the write to Implement', () =>
    inWorld({}, async ({ sandbox, plant, perform }) => {
      const { number } = plant({ ...SCHEDULED, correlation_display: '' })
      sandbox.fault({ kind: 'acl', method: 'PATCH', nth: 2, times: Number.POSITIVE_INFINITY })
      const step = await perform(definition, { inputs: { 'change-number': number } })
      expect(step.failure?.title).toMatch(/^ServiceNow 403/)
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'error' })
      expect(JSON.parse(step.state.gate ?? '').change).toMatchObject({ phase: 'entering', outcome: 'error' })
    }))
})

describe('before approval is requested', () => {
  const PLANNED = { ...NORMAL, 'cmdb-ci': 'prod-k8s-cluster', 'start-date': '+0s', 'end-date': '+2h' }
  const CONFLICTING = {
    cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster'),
    start_date: '2020-01-01 00:00:00',
    end_date: '2099-01-01 00:00:00',
    state: '-2'
  }

  it('a conflict shuts the gate, or is a warning', () =>
    inWorld(UNDECIDED, async ({ sandbox, plant, perform }) => {
      const other = plant(CONFLICTING)
      const step = await perform(definition, { inputs: { ...PLANNED, ...ONCE, 'check-conflicts': 'fail' } })
      const number = step.outputs['change-number'] ?? ''
      expect(step.failure?.title).toBe(`Change ${number}: conflict`)
      expect(step.outputs).toMatchObject({ outcome: 'conflict', created: 'true', 'change-state': 'new' })
      expect(sandbox.approvers(number)).toEqual([])
      const warned = await perform(definition, {
        inputs: { ...PLANNED, ...ONCE, 'check-conflicts': 'warn', version: 'v2' }
      })
      expect(warned.warnings).toEqual([expect.stringContaining(`conflicts with ${other.number}`)])
      expect(warned.outputs.outcome).toBe('timeout')
      const ignored = await perform(definition, { inputs: { ...PLANNED, ...ONCE, version: 'v3' } })
      expect(ignored.warnings).toEqual([])
    }))

  it('the risk is evaluated where that is asked for', () =>
    inWorld(UNDECIDED, async ({ sandbox, perform }) => {
      const evaluations = () => sandbox.requests.filter(one => one.path.endsWith('/risk'))
      await perform(definition, { inputs: { ...NORMAL, ...ONCE } })
      expect(evaluations()).toEqual([])
      const inputs = { ...NORMAL, ...ONCE, 'evaluate-risk': 'true', risk: 'high', version: 'v2' }
      const step = await perform(definition, { inputs })
      expect(evaluations()).toHaveLength(1)
      const change = sandbox.change(step.outputs['change-number'] ?? '')
      const labels: Record<string, string> = { 1: 'Very High', 2: 'High', 3: 'Moderate', 4: 'Low' }
      expect(step.outputs.risk).toBe(labels[change?.risk ?? ''])
    }))

  it('files are attached', () =>
    inWorld(UNDECIDED, async ({ sandbox, workspace, perform }) => {
      writeFileSync(join(workspace, 'plan.md'), '# Plan\n')
      const step = await perform(definition, { inputs: { ...NORMAL, ...ONCE, attachments: '- plan.md' } })
      const attached = sandbox.attachments(step.outputs['change-sys-id'] ?? '')
      expect(attached.map(one => one.name)).toEqual(['plan.md'])
      expect(JSON.parse(step.outputs.attachments ?? '')).toEqual([
        expect.objectContaining({ name: 'plan.md' })
      ])
      const uploaded = sandbox.requests.findLastIndex(one => one.path.includes('/attachment/file'))
      const moved = sandbox.requests.findIndex(one => one.method === 'PATCH')
      expect(moved).toBeGreaterThan(uploaded)
    }))
})
