/** The deployments that wait, as a measure. */
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import { describe, expect, it } from '@jest/globals'
import { inWorld, type World } from '../../testing/perform.ts'
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
