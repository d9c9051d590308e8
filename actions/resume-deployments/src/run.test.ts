/** Deployments that wait at GitHub (test/github) for changes in ServiceNow (the sandbox). */
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Stage, stage } from '../../../test/github/kit.ts'
import type { RepositoryHandle } from '../../../test/github/repository-handle.ts'
import type { RunHandle } from '../../../test/github/run-handle.ts'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'
import { RELEASE } from './testing/sweeps.ts'

const APPROVED = { state: '-2', approval: 'approved' }
const REJECTED = { state: '-5', approval: 'rejected' }
const JOB_TOKEN = 'ghs_0f_the_job'

let set: Stage

beforeEach(async () => {
  set = await stage()
})
afterEach(() => set.github.stop())

/** One run of the action, for acme/shop, with the App's token. */
function resume(world: World, inputs: Readonly<Record<string, string>> = {}): Promise<Performed> {
  const given = {
    latch: 'protection-rule',
    'github-token': set.token,
    'own-token': JOB_TOKEN,
    ...inputs
  }
  return world.perform(definition, { inputs: given, env: { GITHUB_API_URL: set.github.url } })
}

/** The change of a run. */
function changeOf(
  world: World,
  run: Pick<RunHandle, 'id' | 'sha'>,
  fields: Readonly<Record<string, string>> = APPROVED,
  environment = 'production',
  repository = 'acme/shop'
) {
  const runtime = readRuntime({
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: String(run.id),
    GITHUB_SHA: run.sha
  })
  return world.plantOwn({
    correlation_id: `deploy-${run.id}`,
    correlation_display: bindingFor(deploymentOf(runtime, { environment })),
    ...fields
  })
}

/** A run whose deployment waits at the environment. */
const waiting = (shop: RepositoryHandle = set.shop) => shop.run('deploy.yml').finish('build')

const decisions = (step: Performed): { decision: string; reason: string; environment: string }[] =>
  JSON.parse(step.outputs.decisions ?? '[]')

const writes = () => set.github.requests.filter(one => one.method !== 'get' && one.operationId !== 'graphql')

describe('latch: protection-rule', () => {
  it('lets the approved one go, once, and leaves the others', () =>
    inWorld({}, async world => {
      const [first, second] = [waiting(), waiting()]
      const { number } = changeOf(world, first)
      changeOf(world, second, { state: '-4', approval: 'requested' })
      const step = await resume(world)
      expect(step.failure).toBeUndefined()
      expect(first.gate('production')?.state).toBe('passed')
      expect(second.gate('production')?.state).toBe('waiting')
      expect(step.outputs).toMatchObject({
        resumed: '1',
        rejected: '0',
        waiting: '0',
        skipped: '0',
        failed: '0'
      })
      expect(decisions(step)).toEqual([
        {
          change: number,
          repository: 'acme/shop',
          'run-id': String(first.id),
          environment: 'production',
          decision: 'resumed',
          reason: expect.stringContaining('approved')
        }
      ])
      const again = await resume(world)
      expect(again.outputs).toMatchObject({ resumed: '0', skipped: '1' })
      expect(writes()).toHaveLength(1)
      expect(
        world.sandbox.requests.filter(one => one.method !== 'GET' && !one.path.includes('oauth'))
      ).toEqual([])
    }))

  it('rejects what was rejected, unless another open change has its identity', () =>
    inWorld({}, async world => {
      const [first, second, third] = [waiting(), waiting(), waiting()]
      changeOf(world, first, REJECTED)
      changeOf(world, second, { ...REJECTED, correlation_id: 'same' })
      changeOf(world, third, { state: '-4', approval: 'requested', correlation_id: 'same' })
      const kept = await resume(world, { reject: 'false' })
      expect(kept.outputs).toMatchObject({ rejected: '0' })
      const step = await resume(world)
      expect(step.outputs).toMatchObject({ rejected: '1', failed: '0' })
      expect(first.gate('production')?.state).toBe('rejected')
      expect(second.gate('production')?.state).toBe('waiting')
    }))

  it('keeps waiting for the window and a hold, and says for how long', () =>
    inWorld({}, async world => {
      const run = waiting()
      changeOf(world, run, { ...APPROVED, on_hold: 'true' })
      const later = { ...APPROVED, start_date: '2098-01-01 00:00:00', end_date: '2099-01-01 00:00:00' }
      changeOf(world, waiting(), later)
      const step = await resume(world)
      expect(step.outputs).toMatchObject({ resumed: '0', waiting: '2' })
      expect(Number(step.outputs['oldest-waiting-seconds'])).toBeGreaterThanOrEqual(0)
      expect(writes()).toEqual([])
    }))

  it('does not answer twice where another rule of the environment is open', () =>
    inWorld({}, async world => {
      const other = set.github.app('other', { deployments: 'write' })
      set.shop.environment('production', { rules: [set.app, other] })
      const run = waiting()
      changeOf(world, run)
      expect((await resume(world)).outputs.resumed).toBe('1')
      const again = await resume(world)
      expect(decisions(again)[0]).toMatchObject({
        decision: 'skipped',
        reason: expect.stringContaining('decided already')
      })
      expect(writes()).toHaveLength(1)
      expect(run.gate('production')?.undecided).toEqual(['other'])
    }))

  it('looks again after a response that was lost, and sends nothing twice', () =>
    inWorld({}, async world => {
      const run = waiting()
      changeOf(world, run)
      set.github.fault({ kind: 'lost-response', operation: 'actions/review-custom-gates-for-run' })
      const step = await resume(world)
      expect(step.outputs).toMatchObject({ resumed: '1', failed: '0' })
      expect(run.gate('production')?.state).toBe('passed')
      expect(writes()).toHaveLength(1)
    }))

  it('tells a run that is gone, an App without a rule, and a missing right apart, and goes on with the others', () =>
    inWorld({}, async world => {
      set.shop.environment('staging', { rules: [set.github.app('other', { deployments: 'write' })] })
      const gone = waiting()
      changeOf(world, gone)
      gone.remove()
      const good = waiting()
      changeOf(world, good)
      const text = 'name: Stage\non: [push]\njobs:\n  deploy: { environment: staging }\n'
      set.shop.commit({ files: { '.github/workflows/stage.yml': text } })
      const bad = set.shop.run('stage.yml')
      changeOf(world, bad, APPROVED, 'staging')
      const step = await resume(world)
      expect(good.gate('production')?.state).toBe('passed')
      expect(step.outputs).toMatchObject({ resumed: '1', skipped: '1', failed: '1' })
      expect(step.failure?.title).toBe('Deployments: not resumed')
      expect(step.failure?.text).toContain('owns no enabled rule of the environment staging')
      expect(step.failure?.text).toContain('enable its rule in the environment')
      expect(step.warnings.join('\n')).toContain('its run was deleted: start the deployment again')
    }))

  it('leaves the rest to the next run at the limit, earliest planned start first', () =>
    inWorld({}, async world => {
      const [late, early] = [waiting(), waiting()]
      const until = { ...APPROVED, end_date: '2099-01-01 00:00:00' }
      changeOf(world, late, { ...until, start_date: '2026-01-02 00:00:00' })
      changeOf(world, early, { ...until, start_date: '2026-01-01 00:00:00' })
      const step = await resume(world, { 'max-decisions': '1' })
      expect(early.gate('production')?.state).toBe('passed')
      expect(late.gate('production')?.state).toBe('waiting')
      expect(step.outputs).toMatchObject({ resumed: '1', waiting: '1' })
      set.github.fault({ kind: 'primary-limit', operation: 'actions/get-pending-deployments-for-run' })
      const limited = await resume(world)
      expect(limited.failure).toBeUndefined()
      expect(limited.outputs).toMatchObject({ resumed: '0', waiting: '2' })
    }))

  it('waits once for the limit of writes, and then leaves the rest to the next run', () =>
    inWorld({}, async world => {
      changeOf(world, waiting())
      const operation = 'actions/review-custom-gates-for-run'
      set.github.fault({ kind: 'secondary-limit', operation, times: Number.POSITIVE_INFINITY })
      const before = set.github.requests.length
      const step = await resume(world)
      const tried = set.github.requests.slice(before).filter(one => one.operationId === operation)
      expect(tried).toHaveLength(2)
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ resumed: '0', waiting: '1' })
    }))

  it('lists what it would do in a dry run', () =>
    inWorld({}, async world => {
      const run = waiting()
      changeOf(world, run)
      const step = await resume(world, { 'dry-run': 'true' })
      expect(step.info.join('\n')).toMatch(/would be resumed/)
      expect(run.gate('production')?.state).toBe('waiting')
    }))

  it('names creators that are not trusted after the others were decided', () =>
    inWorld({}, async world => {
      const [good, forged] = [waiting(), waiting()]
      changeOf(world, good)
      const { sysId } = changeOf(world, forged)
      world.sandbox.set('change_request', sysId, { sys_created_by: 'mallory' })
      const step = await resume(world)
      expect(good.gate('production')?.state).toBe('passed')
      expect(forged.gate('production')?.state).toBe('waiting')
      expect(step.failure?.text).toContain('mallory')
    }))

  it('is a warning while ServiceNow cannot be reached', () =>
    inWorld({}, async world => {
      world.sandbox.fault({ kind: 'unavailable', path: '/api/', times: Number.POSITIVE_INFINITY })
      const step = await resume(world, { 'max-retries': '0' })
      expect(step.failure).toBeUndefined()
      expect(step.warnings.join('\n')).toContain('ServiceNow could not be asked')
      expect(step.outputs).toMatchObject({ resumed: '0' })
      // Not known is not nothing.
      expect(step.outputs).not.toHaveProperty('waiting')
      expect(step.outputs).not.toHaveProperty('oldest-waiting-seconds')
    }))
})

describe('latch: rerun', () => {
  const RERUN = { latch: 'rerun', job: 'check' }
  /** A run whose job checked and found nothing: what needs it was skipped. */
  const checked = () => set.shop.run('check.yml').finish('check', 'success', { skips: ['deploy', 'notify'] })

  it('runs the job that checked again, once', () =>
    inWorld({}, async world => {
      set.shop.environment('production', { rules: [] })
      const run = checked()
      changeOf(world, run)
      const step = await resume(world, RERUN)
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ resumed: '1' })
      expect(run.attempt).toBe(2)
      expect((await resume(world, RERUN)).outputs).toMatchObject({ resumed: '0', skipped: '1' })
    }))

  it('leaves runs that go on, failed, or have deployed', () =>
    inWorld({}, async world => {
      set.shop.environment('production', { rules: [] })
      changeOf(world, set.shop.run('check.yml'))
      changeOf(world, set.shop.run('check.yml').finish('check', 'failure'))
      changeOf(world, set.shop.run('check.yml').finish('check').finish('deploy').finish('notify'))
      const step = await resume(world, RERUN)
      expect(step.outputs).toMatchObject({ resumed: '0', skipped: '3', failed: '0' })
      expect(writes()).toEqual([])
    }))

  it('says when there is no such job, and sends nothing twice after a lost response', () =>
    inWorld({}, async world => {
      set.shop.environment('production', { rules: [] })
      const run = checked()
      changeOf(world, run)
      const wrong = await resume(world, { ...RERUN, job: 'Check the change' })
      expect(wrong.failure?.text).toContain('no job of the name Check the change, only check')
      set.github.fault({ kind: 'lost-response', operation: 'actions/re-run-job-for-workflow-run' })
      expect((await resume(world, RERUN)).outputs.resumed).toBe('1')
      expect(run.attempt).toBe(2)
      expect(writes()).toHaveLength(1)
    }))
})

describe('latch: dispatch', () => {
  const DISPATCH = { latch: 'dispatch', workflow: 'release.yml', interval: '15m' }
  /** The run that asked for the change on a tag; it is over. */
  function asked(): RunHandle {
    set.shop.environment('production', { rules: [] })
    set.shop.commit({ files: { '.github/workflows/release.yml': RELEASE } })
    set.shop.tag('v1')
    return set.shop
      .run('check.yml', { ref: 'v1' })
      .finish('check', 'success', { skips: ['deploy', 'notify'] })
  }

  it('starts the workflow on the tag with the change, once', () =>
    inWorld({}, async world => {
      const { number, sysId } = changeOf(world, asked())
      const step = await resume(world, DISPATCH)
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ resumed: '1' })
      const started = set.shop.runs.filter(run => run.event === 'workflow_dispatch')
      expect(started).toMatchObject([
        {
          ref: 'refs/tags/v1',
          inputs: { 'change-number': number, 'change-sys-id': sysId, environment: 'production' }
        }
      ])
      expect((await resume(world, DISPATCH)).outputs).toMatchObject({ resumed: '0', skipped: '1' })
    }))

  it('starts nothing that another sweep has started since it looked first', () =>
    inWorld({}, async world => {
      const { number, sysId } = changeOf(world, asked())
      const held = set.github.fault({ kind: 'held', operation: 'repos/get-commit' })
      const resumed = resume(world, DISPATCH)
      await set.github.waitFor(() => held.hits > 0)
      const inputs = { 'change-number': number, 'change-sys-id': sysId, environment: 'production' }
      set.shop.run('release.yml', { ref: 'v1', event: 'workflow_dispatch', inputs })
      held.release()
      const step = await resumed
      expect(step.outputs).toMatchObject({ resumed: '0', skipped: '1' })
      expect(decisions(step)[0]?.reason).toContain('deploys under it')
      expect(writes()).toEqual([])
    }))

  it('starts nothing for a branch that has moved on, or an environment that it does not know', () =>
    inWorld({}, async world => {
      asked()
      const run = set.shop.run('check.yml').finish('check', 'success', { skips: ['deploy', 'notify'] })
      set.shop.commit({ files: { 'README.md': 'Later\n' } })
      changeOf(world, run)
      changeOf(world, asked(), APPROVED, 'elsewhere')
      const step = await resume(world, DISPATCH)
      expect(step.outputs).toMatchObject({ resumed: '0', skipped: '2', failed: '0' })
      expect(step.warnings.join('\n')).toContain('deploy tags')
      expect(step.warnings.join('\n')).toContain('no environment of the repository')
      expect(writes()).toEqual([])
    }))

  it('sends nothing twice after a lost response', () =>
    inWorld({}, async world => {
      changeOf(world, asked())
      set.github.fault({ kind: 'lost-response', operation: 'actions/create-workflow-dispatch' })
      expect((await resume(world, DISPATCH)).outputs.resumed).toBe('1')
      expect(set.shop.runs.filter(run => run.event === 'workflow_dispatch')).toHaveLength(1)
    }))
})

describe('inputs', () => {
  it.each([
    ['no latch', { latch: '' }, '`latch` is required: one of `protection-rule`'],
    ['a rerun without a job', { latch: 'rerun' }, '`latch: rerun` needs `job`'],
    ['a dispatch without a workflow', { latch: 'dispatch' }, '`latch: dispatch` needs `workflow`'],
    ["the job's own token for a rule", { 'github-token': JOB_TOKEN }, "cannot work with the job's own token"],
    [
      "the job's own token for other repositories",
      { latch: 'rerun', job: 'check', repositories: 'acme/web', 'github-token': JOB_TOKEN },
      "the job's own token reaches its own repository alone"
    ]
  ])('are refused before anything is sent: %s', (_, inputs, text) =>
    inWorld({}, async world => {
      const step = await resume(world, inputs)
      expect(step.failure?.title).toBe('Input error')
      expect(step.failure?.text).toContain(text)
      expect(world.sandbox.requests).toEqual([])
    })
  )
})
