/** A dry run reads, resolves and checks everything, says what it would write, and writes nothing. */
import { expect } from '@jest/globals'
import { DEPLOYMENT, onBothApis, scenario, writes } from './harness.ts'
import type { Step } from './job.ts'

const DRY = { 'dry-run': 'true' }

/** Log and summary say the same. */
function plans(step: Step): string[] {
  const logged = [...step.log.matchAll(/^Dry run: would (.*)\.$/gm)].map(match => match[1] ?? '')
  expect(step.summary.match(/^- .*$/gm) ?? []).toHaveLength(logged.length)
  if (logged.length > 0) expect(step.summary).toContain('Dry run: nothing was written.')
  return logged
}

onBothApis(api => {
  scenario('the whole chain, without a change', { api }, async ({ sandbox, job }) => {
    job.file('report.xml', '<testsuite/>\n')
    const created = await job.pass('create-change', {
      ...DRY,
      ...DEPLOYMENT,
      risk: 'low',
      'cmdb-ci': 'prod-k8s-cluster',
      attachments: '- report.xml'
    })
    expect(plans(created)).toEqual([
      expect.stringMatching(/^create a normal change with .*short_description="Deploy the shop".*risk="4"/),
      expect.stringMatching(/^attach report\.xml \(13 bytes\)$/),
      'move it from New to Assess'
    ])
    expect(created.outputs).toMatchObject({
      created: 'false',
      attachments: '[]',
      'correlation-id': expect.stringMatching(/^gha-/)
    })
    expect(created.env).toEqual({})

    const failed = await job.fail('wait-approval', DRY)
    expect(failed.error.title).toBe('Change not created: dry-run')
    const waited = await job.pass('wait-approval', { ...DRY, 'fail-when-not-approved': 'false' })
    expect(waited.outputs).toMatchObject({ approved: 'false', outcome: 'dry-run' })
    const steps = [
      waited,
      await job.pass('update-change', { ...DRY, state: 'implement' }),
      await job.pass('attach-evidence', { ...DRY, files: '*.xml' }),
      await job.pass('update-change', { ...DRY, state: 'by-job-status' })
    ]
    for (const step of steps) expect(plans(step).length).toBeGreaterThan(0)
    for (const step of steps) expect(JSON.parse(step.outputs.metrics ?? '').result).toBe('dry-run')
    expect(writes(sandbox)).toEqual([])
    expect(sandbox.rows('change_request')).toEqual([])
  })

  scenario('a standard change from a template', { api }, async ({ sandbox, job }) => {
    const step = await job.pass('create-change', {
      ...DRY,
      'short-description': 'Deploy the shop',
      'standard-change-template': 'app-deployment-template'
    })
    expect(plans(step)).toEqual([
      expect.stringMatching(/^create a standard change from the template app-deployment-template with /),
      'move it from New to Scheduled'
    ])
    expect(writes(sandbox)).toEqual([])
  })

  scenario('what is wrong fails a dry run too', { api }, async ({ sandbox, job, plant }) => {
    const group = await job.fail('create-change', {
      ...DRY,
      ...DEPLOYMENT,
      'assignment-group': 'DevOps Taem'
    })
    expect(group.error.message).toContain('DevOps Team')
    await job.fail('create-change', { ...DRY, ...DEPLOYMENT, attachments: '- nothing.txt' })
    const { number } = plant({ state: '-4', approval: 'requested' })
    const named = { ...DRY, 'change-number': number }
    const moved = await job.fail('update-change', { ...named, state: 'implement' })
    expect(moved.error.title).toBe(`Change ${number}: not approved`)
    const code = { state: 'closed', 'close-code': 'fine' }
    await job.fail('update-change', { ...DRY, 'change-number': plant({ state: '-1' }).number, ...code })
    await job.fail('attach-evidence', { ...named, files: '*.nothing' })
    await job.fail('update-change', { ...DRY, 'change-number': 'CHG9999999', 'work-notes': 'x' })
    expect(writes(sandbox)).toEqual([])
  })

  scenario('on a change that is there', { api }, async ({ sandbox, job, plant }) => {
    job.file('report.xml', '<testsuite/>\n')
    const { number, sysId } = plant({ state: '-2', approval: 'approved' })
    const before = sandbox.change(sysId)
    const named = { ...DRY, 'change-number': number }
    const waited = await job.fail('wait-approval', named)
    // Approved or not, a dry run opens no gate.
    expect(waited.outputs).toMatchObject({ approved: 'false', outcome: 'dry-run', polls: '1' })
    expect(waited.error.message).toContain('the outcome would be approved')
    const updated = await job.pass('update-change', {
      ...named,
      state: 'closed',
      'close-code': 'successful',
      'work-notes': 'Done.',
      fields: 'justification: x'
    })
    expect(updated.outputs).toMatchObject({ changed: 'false', transitions: '', 'change-state': 'scheduled' })
    const text = plans(updated).join('\n')
    expect(text).toContain('justification')
    expect(text).toContain(`move ${number} to Implement → Review → Closed`)
    expect(text).toMatch(/work.note/)
    const held = await job.pass('update-change', { ...named, 'on-hold': 'true', 'on-hold-reason': 'x' })
    expect(plans(held)).toEqual([`put ${number} on hold`])
    const attached = await job.pass('attach-evidence', { ...named, files: '*.xml' })
    expect(plans(attached)).toContainEqual(`attach report.xml (13 bytes) to ${number}`)
    expect(attached.outputs).toMatchObject({ attachments: '[]', 'attached-count': '0' })
    expect(writes(sandbox)).toEqual([])
    expect(sandbox.change(sysId)).toEqual(before)
  })

  scenario('a change that would be reused', { api }, async ({ sandbox, job, newJob }) => {
    const inputs = { ...DEPLOYMENT, 'request-approval': 'false', 'correlation-id': 'shop' }
    const created = await job.pass('create-change', inputs)
    const number = created.outputs['change-number'] ?? ''
    const before = sandbox.change(number)
    const done = writes(sandbox).length
    const step = await newJob().pass('create-change', {
      ...inputs,
      ...DRY,
      'request-approval': 'true',
      risk: 'high'
    })
    expect(step.outputs).toMatchObject({ 'change-number': number, created: 'false', 'change-state': 'new' })
    const text = plans(step).join('\n')
    expect(text).toContain(`update risk of ${number}`)
    expect(text).toContain(`move ${number} to Assess`)
    expect(writes(sandbox)).toHaveLength(done)
    expect(sandbox.change(number)).toEqual(before)
  })
})
