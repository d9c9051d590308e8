/** A runner that cancels a step sends SIGINT, and soon SIGTERM: what is known is written, and the process goes. */
import { expect } from '@jest/globals'
import { onBothApis, SOON, scenario, scenarios, submit } from './harness.ts'

const SIGNALS = { SIGINT: 'SIGINT', SIGTERM: 'SIGTERM' } as const

onBothApis(api => {
  scenarios('%s while it waits for approval', { api }, SIGNALS, async (world, signal) => {
    const { sandbox, job } = world
    const number = await submit(world)
    const waiting = job.start('wait-approval', { timeout: '1h' })
    await waiting.prints(/waiting for approval/)
    const sent = performance.now()
    waiting.kill(signal)
    const step = await waiting.done
    expect(performance.now() - sent).toBeLessThan(2_000)
    expect(step.code).toBe(130)
    expect(step.outputs).toMatchObject({
      approved: 'false',
      outcome: 'interrupted',
      'change-number': number,
      'change-state': 'authorize',
      approval: 'requested',
      'approved-by': '',
      'waited-seconds': expect.stringMatching(/^\d+$/),
      polls: expect.stringMatching(/^\d+$/)
    })
    expect(JSON.parse(step.outputs.metrics ?? '').result).toBe('interrupted')
    expect(JSON.parse(step.outputs.approvals ?? '')).toHaveLength(2)
    expect(step.summary).toContain('Interrupted')
    expect(sandbox.change(number)?.state).toBe('-3')
  })

  scenario('in the middle of a request that gets no response', { api }, async world => {
    const { sandbox, job } = world
    await submit(world)
    sandbox.fault({ kind: 'no-answer', method: 'GET', path: 'change', times: Number.POSITIVE_INFINITY })
    const waiting = job.start('wait-approval', SOON)
    await sandbox.waitFor(() => sandbox.requests.at(-1)?.status === 0)
    const sent = performance.now()
    waiting.kill('SIGTERM')
    const step = await waiting.done
    expect(performance.now() - sent).toBeLessThan(2_000)
    expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'interrupted' })
  })

  scenario('while a change is being created: what exists is told', { api }, async ({ sandbox, job }) => {
    sandbox.fault({ kind: 'no-answer', method: 'PATCH', times: Number.POSITIVE_INFINITY })
    const creating = job.start('create-change', {
      'short-description': 'Deploy the shop',
      'assignment-group': 'DevOps Team'
    })
    await sandbox.waitFor(() => sandbox.requests.some(one => one.method === 'PATCH'))
    creating.kill('SIGINT')
    const step = await creating.done
    expect(step.code).toBe(130)
    const [change] = sandbox.rows('change_request')
    expect(step.outputs).toMatchObject({ created: 'true', 'change-number': change?.number })
    expect(step.env.SERVICENOW_CHANGE_NUMBER).toBe(change?.number)
    expect(step.summary).toContain('Interrupted')
  })
})
