/** The deployments that wait, as a measure. */
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Stage, stage } from '../../../test/github/kit.ts'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const LATER = { start_date: '2098-01-01 00:00:00', end_date: '2099-01-01 00:00:00' }
const RUNTIME = readRuntime({
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_RUN_ID: '7',
  GITHUB_SHA: '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f'
})

const resume = ({ perform }: World) =>
  perform(definition, { inputs: { latch: 'rerun', job: 'check', 'github-token': 'ghs_app' } })

const metricsOf = (outputs: Readonly<Record<string, string>>) => JSON.parse(outputs.metrics ?? '{}')

describe('metrics', () => {
  it('have the number of approved changes that wait, and the age of the oldest; the summary has it too', () => {
    let passedMs = 0
    return inWorld({ now: () => Date.now() + passedMs }, async world => {
      world.plantOwn({
        correlation_display: bindingFor(deploymentOf(RUNTIME, { environment: 'production' })),
        state: '-2',
        approval: 'approved',
        ...LATER
      })
      passedMs = 3 * 3_600_000
      const step = await resume(world)
      expect(step.failure).toBeUndefined()
      const { waiting, oldest_waiting_seconds: oldest } = metricsOf(step.outputs)
      expect(waiting).toBe(1)
      expect(oldest).toBe(Number(step.outputs['oldest-waiting-seconds']))
      expect(Math.round(oldest / 3_600)).toBe(3)
      expect(step.summary).toMatch(/oldest waiting 3 h 0 min/)
    })
  })

  it('say nothing of them where ServiceNow could not be asked', () =>
    inWorld({}, async world => {
      world.sandbox.fault({ kind: 'unavailable', path: '/api/', times: Number.POSITIVE_INFINITY })
      const step = await resume(world)
      expect(step.warnings.join('\n')).toContain('ServiceNow could not be asked')
      expect(metricsOf(step.outputs)).not.toHaveProperty('oldest_waiting_seconds')
      expect(metricsOf(step.outputs).result).toBe('not-asked')
      expect(step.summary).toContain('ServiceNow could not be asked')
      expect(step.summary).not.toContain('0 resumed')
    }))
})

describe('what GitHub keeps waiting', () => {
  let set: Stage
  beforeEach(async () => {
    set = await stage()
  })
  afterEach(() => set.github.stop())

  /** A deployment that is due, two hours after its approval. */
  async function sweep(fault: Parameters<Stage['github']['fault']>[0] | undefined, repositories = 'this') {
    const found: { step?: Performed } = {}
    let passedMs = 0
    await inWorld({ now: () => Date.now() + passedMs }, async ({ plantOwn, perform }) => {
      const run = set.shop.run('deploy.yml').finish('build')
      const runtime = { ...RUNTIME, runId: String(run.id), sha: run.sha }
      plantOwn({
        correlation_display: bindingFor(deploymentOf(runtime, { environment: 'production' })),
        state: '-2',
        approval: 'approved'
      })
      passedMs = 2 * 3_600_000
      if (fault !== undefined) set.github.fault({ ...fault, times: Number.POSITIVE_INFINITY })
      found.step = await perform(definition, {
        inputs: { latch: 'protection-rule', 'github-token': set.token, 'own-token': 'ghs_job', repositories },
        env: { GITHUB_API_URL: set.github.url },
        clock: { now: () => Date.now(), sleep: async () => undefined }
      })
    })
    return found.step as Performed
  }

  it('counts as waiting where GitHub could not be asked', async () => {
    const step = await sweep({
      kind: 'unavailable',
      operation: 'actions/get-pending-deployments-for-run'
    })
    expect(step.failure).toBeUndefined()
    expect(step.outputs).toMatchObject({ skipped: '1', waiting: '1', failed: '0' })
    expect(Number(step.outputs['oldest-waiting-seconds'])).toBeGreaterThanOrEqual(7_199)
    expect(metricsOf(step.outputs)).toMatchObject({ waiting: 1 })
  })

  it('counts as waiting, and as failed, where GitHub refuses', async () => {
    set.shop.environment('production', { rules: [set.github.app('other', { deployments: 'write' })] })
    const step = await sweep(undefined)
    expect(step.outputs).toMatchObject({ failed: '1', waiting: '1' })
    expect(step.failure?.text).toContain('owns no enabled rule')
  })

  it('is not known, and not nothing, where the repositories cannot be listed', async () => {
    const step = await sweep(
      { kind: 'unavailable', operation: 'apps/list-repos-accessible-to-installation' },
      'installation'
    )
    expect(step.failure).toBeUndefined()
    expect(step.warnings.join('\n')).toContain('the repositories of the installation')
    expect(step.outputs).toMatchObject({ resumed: '0' })
    expect(step.outputs).not.toHaveProperty('waiting')
    expect(step.outputs).not.toHaveProperty('oldest-waiting-seconds')
    expect(metricsOf(step.outputs)).not.toHaveProperty('waiting')
    expect(metricsOf(step.outputs).result).toBe('not-asked')
    expect(step.summary).toContain('GitHub could not list the repositories')
  })
})
