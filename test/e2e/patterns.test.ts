/** The five integration patterns every CI/CD guide for ServiceNow describes, from their first step to the last. */
import { createHash } from 'node:crypto'
import { bindingOf } from '@change-actions/change-control'
import type { Sandbox } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { approvalRequested, approved, onBothApis, SOON, scenario } from './harness.ts'

const JUNIT = '<testsuite name="shop"><testcase name="buys"/><testcase name="pays"/></testsuite>\n'
const SCAN = '{"SchemaVersion":2,"ArtifactName":"shop","Results":[]}\n'

const GOOD = '0123456789abcdef0123456789abcdef01234567'

/** A change of this repository that succeeded with a commit long ago. */
function plantDeployed(sandbox: Sandbox, commit: string): string {
  const where = { serverUrl: 'https://github.com', repository: 'change-actions/servicenow', environment: '' }
  const sysId = sandbox.insert('change_request', {
    state: '3',
    close_code: 'successful',
    correlation_display: bindingOf({ commit, runId: '900', ...where })
  })
  sandbox.set('change_request', sysId, {
    sys_created_by: 'gha.deployer',
    sys_created_on: '2026-01-02 03:04:05'
  })
  return sysId
}

onBothApis(api => {
  // Written with underscores, as ServiceNow and those guides do.
  scenario('a normal change from its creation to its close', { api }, async ({ sandbox, job }) => {
    const created = await job.pass('create-change', {
      short_description: 'Deploy microservice-api v2.3.0',
      assignment_group: 'DevOps Team',
      cmdb_ci: 'production-k8s-cluster',
      type: 'normal',
      implementation_plan: 'Deploy via Helm chart',
      backout_plan: 'Rollback to previous Helm release'
    })
    const number = created.outputs['change-number'] ?? ''
    const change_sys_id = created.outputs['change-sys-id'] ?? ''
    expect(created.outputs).toMatchObject({ created: 'true', 'change-type': 'normal' })

    const waiting = job.start('wait-approval', { change_sys_id, timeout: '3600', poll_interval: '1' })
    await waiting.prints(/waiting for approval/)
    await approvalRequested(sandbox, number)
    sandbox.approve(number, 'ben.approver', 'Go ahead.')
    const { outputs } = await waiting.done
    expect(outputs).toMatchObject({
      approved: 'true',
      outcome: 'approved',
      'change-state': 'scheduled',
      approval: 'approved',
      'approved-by': 'Ben Approver'
    })

    await job.pass('update-change', {
      change_sys_id,
      state: 'implement',
      work_notes: 'Deployment completed successfully'
    })
    await job.pass('update-change', {
      change_sys_id,
      state: 'closed',
      close_code: 'successful',
      close_notes: 'Deployment verified in production'
    })
    expect(sandbox.change(number)).toMatchObject({
      short_description: 'Deploy microservice-api v2.3.0',
      implementation_plan: 'Deploy via Helm chart',
      backout_plan: 'Rollback to previous Helm release',
      state: '3',
      approval: 'approved',
      close_code: 'successful',
      close_notes: 'Deployment verified in production',
      work_start: expect.stringMatching(/^\d{4}-/),
      work_end: expect.stringMatching(/^\d{4}-/)
    })
    expect(sandbox.journal(number).map(note => note.text)).toEqual([
      expect.stringContaining('This change is bound to:'),
      expect.stringMatching(/^Fields as they were submitted/),
      expect.stringMatching(/^Deployment completed successfully\n[\s\S]*Deployment started\./),
      expect.stringMatching(/^Deployment ended: successful\.\n/)
    ])
    expect(sandbox.rows('change_request')).toHaveLength(1)
  })

  const EMERGENCY = {
    type: 'emergency',
    priority: '1 - Critical',
    'short-description': 'EMERGENCY: Security patch CVE-2026-1234',
    'assignment-group': 'DevOps Team',
    risk: 'high',
    justification: 'Critical security vulnerability'
  }

  scenario('an emergency change approved within its short wait', { api }, async world => {
    const { sandbox, job } = world
    const number = await approved(world, EMERGENCY)
    const waited = await job.pass('wait-approval', { timeout: '300' })
    expect(waited.outputs).toMatchObject({ approved: 'true', polls: '1' })
    await job.pass('update-change', { state: 'implement' })
    await job.pass('update-change', { state: 'closed', 'close-code': 'successful' })
    expect(sandbox.change(number)).toMatchObject({
      type: 'emergency',
      priority: '1',
      risk: '2',
      justification: 'Critical security vulnerability',
      state: '3'
    })
  })

  scenario('an emergency change that nobody approves in time', { api }, async ({ sandbox, job }) => {
    const created = await job.pass('create-change', EMERGENCY)
    const number = created.outputs['change-number'] ?? ''
    await approvalRequested(sandbox, number)
    const waited = await job.fail('wait-approval', { timeout: '1', 'poll-interval': '1' })
    expect(waited.error.title).toBe(`Change ${number}: timeout`)
    expect(waited.outputs).toMatchObject({
      approved: 'false',
      outcome: 'timeout',
      'change-state': 'authorize'
    })

    job.status = 'failure'
    await job.pass('update-change', { state: 'by-job-status' })
    expect(sandbox.change(number)).toMatchObject({ state: '4', close_code: '' })
  })

  scenario('a standard change from a template, without a person in the path', { api }, async world => {
    const { sandbox, job } = world
    const created = await job.pass('create-change', {
      type: 'standard',
      'short-description': 'Deploy the shop (Standard Change)',
      'standard-change-template': 'app-deployment-template'
    })
    expect(created.outputs).toMatchObject({
      'change-type': 'standard',
      'change-state': 'scheduled',
      approval: 'approved'
    })
    const number = created.outputs['change-number'] ?? ''
    const waited = await job.pass('wait-approval', SOON)
    expect(waited.outputs).toMatchObject({ approved: 'true', polls: '1', 'approved-by': '' })
    await job.pass('update-change', { state: 'implement' })
    await job.pass('update-change', { state: 'by-job-status' })
    expect(sandbox.approvers(number)).toEqual([])
    expect(sandbox.change(number)).toMatchObject({
      state: '3',
      close_code: 'successful',
      short_description: 'Deploy the shop (Standard Change)',
      description: expect.stringMatching(api === 'table' ? /actions\/runs\/1001/ : /^Preapproved deployment/)
    })
  })

  scenario('evidence attached when the change is created', { api }, async ({ sandbox, job }) => {
    job.file('test-results.xml', JUNIT)
    job.file('security-scan.json', SCAN)
    const created = await job.pass('create-change', {
      'short-description': 'Deploy with test evidence',
      'assignment-group': 'DevOps Team',
      attachments: [
        '- name: "Test Results"',
        '  file: test-results.xml',
        '- name: "Security Scan"',
        '  file: security-scan.json'
      ].join('\n')
    })
    const stored = sandbox.attachments(created.outputs['change-number'] ?? '')
    const expected = [
      { name: 'Test Results.xml', text: JUNIT, contentType: 'application/xml' },
      { name: 'Security Scan.json', text: SCAN, contentType: 'application/json' }
    ]
    expect(stored).toHaveLength(2)
    const listed = JSON.parse(created.outputs.attachments ?? '')
    // Sent side by side: either may be stored first; the output keeps the order of the input.
    for (const [n, { name, text, contentType }] of expected.entries()) {
      const hash = createHash('sha256').update(text).digest('hex')
      const file = stored.find(one => one.sysId === listed[n]['sys-id'])
      expect(file).toMatchObject({ name, contentType, hash, size: Buffer.byteLength(text) })
      expect(file?.bytes.toString()).toBe(text)
    }

    // Approvers see it from the start: it is there before approval is requested.
    const order = sandbox.requests.map(one => `${one.method} ${one.path}`)
    const lastUpload = order.lastIndexOf('POST /api/now/attachment/file')
    expect(lastUpload).toBeGreaterThan(0)
    expect(lastUpload).toBeLessThan(order.findIndex(one => one.startsWith('PATCH ')))
  })

  scenario('a rollback linked to the change that failed', { api }, async world => {
    const { sandbox, job, newJob } = world
    const failed = await approved(world)
    await job.pass('wait-approval', SOON)
    await job.pass('update-change', { state: 'implement' })
    job.status = 'failure'
    const closed = await job.pass('update-change', { state: 'by-job-status' })
    expect(closed.outputs.transitions).toBe('review,closed')
    expect(sandbox.change(failed)).toMatchObject({ state: '3', close_code: 'unsuccessful' })

    const rollback = newJob({ GITHUB_JOB: 'rollback' })
    const back = {
      type: 'standard',
      'standard-change-template': 'rollback-template',
      'short-description': 'ROLLBACK: the shop due to deployment failure',
      'rollback-of': failed,
      commit: GOOD
    }
    const refused = await rollback.fail('create-change', back)
    expect(refused.error.title).toBe(`Change ${failed}: rollback-refused`)
    expect(sandbox.rows('change_request')).toHaveLength(1)
    const earlier = plantDeployed(sandbox, GOOD)
    const created = await rollback.pass('create-change', back)
    await rollback.pass('update-change', { state: 'closed', 'close-code': 'successful' })
    expect(sandbox.change(created.outputs['change-number'] ?? '')).toMatchObject({
      parent: sandbox.change(failed)?.sys_id,
      state: '3',
      close_code: 'successful'
    })
    expect(sandbox.change(earlier)?.state).toBe('3')
    expect(sandbox.rows('change_request')).toHaveLength(3)
  })
})
