/** The gate opens when the change is approved and in Implement, and not otherwise. */
import { describe, expect, it } from '@jest/globals'
import { inWorld } from '../../testing/perform.ts'
import { NOTHING_SAVED } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

const NORMAL = { environment: 'production', 'assignment-group': 'DevOps Team', 'poll-interval': '1' }
/** Nobody is in the path of a standard change. */
const STANDARD = { environment: 'production', 'standard-change-template': 'app-deployment-template' }
/** Nobody approves unless the test does. */
const UNDECIDED = { autoApproveAfterMs: 600_000 }
const ONCE = { timeout: '0' }
const SCHEDULED = { state: '-2', approval: 'approved' }
const FOREVER = Number.POSITIVE_INFINITY
const WRITTEN = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/

describe('an open gate', () => {
  it('has a change of its own, approved and in Implement', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      const step = await perform(definition, { inputs: { ...NORMAL, version: 'v2' } })
      expect(step.failure).toBeUndefined()
      const [change] = sandbox.rows('change_request')
      const number = change?.number ?? ''
      expect(change).toMatchObject({
        state: '-1',
        short_description: 'Deploy "acme/shop" version v2 to "production"',
        work_start: expect.stringMatching(WRITTEN),
        work_end: ''
      })
      expect(step.outputs).toMatchObject({
        approved: 'true',
        outcome: 'approved',
        created: 'true',
        attachments: '[]',
        'change-number': number,
        'change-sys-id': change?.sys_id,
        'change-url': expect.stringContaining(change?.sys_id ?? 'no change'),
        'change-state': 'implement',
        'change-type': 'normal',
        approval: 'approved',
        'approved-by': 'Anna Approver',
        'correlation-id': change?.correlation_id,
        'waited-seconds': expect.stringMatching(/^\d$/),
        polls: expect.stringMatching(/^[1-9]$/)
      })
      expect(JSON.parse(step.outputs.metrics ?? '')).toMatchObject({
        result: 'approved',
        creation_ms: expect.any(Number),
        wait_ms: expect.any(Number)
      })
      expect(step.exported).toEqual({
        SERVICENOW_CHANGE_SYS_ID: change?.sys_id,
        SERVICENOW_CHANGE_NUMBER: number
      })
      expect(step.info).toContain(`${number}: approved: state Scheduled, approval approved.`)
      expect(step.info.at(-1)).toBe(
        `${number} is in Implement: the deployment may start. ${step.outputs['change-url']}`
      )
      expect(step.warnings).toEqual([])
      // The verdict first, then what, where, who approved, and the states in time.
      const { summary } = step
      expect(summary).toMatch(/^## CHG\d+: approved, the deployment may start\n/)
      expect(summary).toMatch(
        /What[^\n]*acme\/shop[^\n]*\n[^\n]*Where[^\n]*production[^\n]*\n[^\n]*Approved by/
      )
      expect(summary).toMatch(/Reason[^\n]*state Scheduled/)
      expect(summary).toMatch(/Approved by[^\n]*Anna Approver, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/)
      expect(summary).toMatch(/wait for approval [\d.]+ s \(\d poll/)
      // A picture of seconds says nothing that the table does not say.
      expect(summary).not.toContain('```mermaid')
      expect(summary).toMatch(/\| New \| \d{4}-[\s\S]*\| Scheduled \| \d{4}-[\s\S]*\| Implement \| \d{4}-/)
      expect(summary.match(/\| Implement \| \d{4}-/g)).toHaveLength(1)
    }))

  it.each([
    ['dora.devops', 'approved'],
    ['anna.approver', 'no-approver'],
    ['', 'no-approver']
  ])('requested by "%s" and approved by Anna is %s where nobody approves for themselves', (by, outcome) =>
    inWorld({}, async ({ perform }) => {
      const inputs = { ...NORMAL, 'self-approval': 'refuse', 'requested-by': by }
      const step = await perform(definition, { inputs })
      expect(step.outputs).toMatchObject({ outcome, approved: String(outcome === 'approved') })
      if (by === '') expect(step.failure?.text).toContain('Fix: cancel the change and run the job again with')
    })
  )

  it('needs nobody for a standard change, wherever approvers are asked for', () =>
    inWorld(UNDECIDED, async ({ perform }) => {
      const step = await perform(definition, { inputs: { ...STANDARD, 'self-approval': 'refuse' } })
      expect(step.outputs).toMatchObject({ outcome: 'approved' })
    }))

  it('needs nobody for a standard change', () =>
    inWorld(UNDECIDED, async ({ sandbox, perform }) => {
      const step = await perform(definition, { inputs: STANDARD })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({
        approved: 'true',
        'change-type': 'standard',
        'change-state': 'implement',
        'approved-by': '',
        risk: 'Low'
      })
      expect(sandbox.rows('sysapproval_approver')).toEqual([])
    }))

  it('claims the change in a work note that tells people of the deployment', () =>
    inWorld({}, async ({ notes: notesOf, perform }) => {
      const step = await perform(definition, { inputs: STANDARD })
      const notes = notesOf(step.outputs['change-sys-id'] ?? '')
      expect(notes).toEqual([
        expect.stringMatching(
          /^Deployment to production started\.\n[\s\S]*\[gha2 claim 1 1001 1 [0-9a-f.]{25}\]/
        )
      ])
      expect(notes[0]).toContain('Commit: 65dbbeda5ade')
    }))

  it('writes the claim alone where lifecycle notes are not wanted', () =>
    inWorld({}, async ({ notes: notesOf, perform }) => {
      const step = await perform(definition, { inputs: { ...STANDARD, 'lifecycle-notes': 'false' } })
      const notes = notesOf(step.outputs['change-sys-id'] ?? '')
      expect(notes).toEqual([expect.stringMatching(/^Claimed by run 1001\.\n\[gha2 claim 1 1001 1 /)])
    }))

  it('uses the change of an earlier attempt', () =>
    inWorld(UNDECIDED, async ({ sandbox, perform }) => {
      const first = await perform(definition, { inputs: { ...NORMAL, ...ONCE } })
      expect(first.outputs).toMatchObject({ outcome: 'timeout', created: 'true' })
      const number = first.outputs['change-number'] ?? ''
      await sandbox.waitFor(() => sandbox.approvers(number).some(row => row.state === 'requested'))
      sandbox.approve(number)
      const env = { GITHUB_RUN_ATTEMPT: '2' }
      const second = await perform(definition, { inputs: { ...NORMAL, ...ONCE }, env })
      expect(second.outputs).toMatchObject({ approved: 'true', created: 'false', 'change-number': number })
      expect(JSON.parse(second.outputs.metrics ?? '')).not.toHaveProperty('creation_ms')
      // The change is exported once.
      expect(second.exported).toEqual(first.exported)
    }))
})

describe('a shut gate', () => {
  it('fails the step when nobody has approved in time', () =>
    inWorld(UNDECIDED, async ({ sandbox, notes: notesOf, perform }) => {
      const step = await perform(definition, { inputs: { ...NORMAL, ...ONCE } })
      const number = step.outputs['change-number'] ?? 'none'
      expect(step.failure?.title).toBe(`Change ${number}: timeout`)
      expect(step.failure?.text).toMatch(/^Current status: CHG\d+ is in /m)
      expect(step.outputs).toMatchObject({
        approved: 'false',
        outcome: 'timeout',
        created: 'true',
        polls: '1',
        'waited-seconds': '0',
        'approved-by': ''
      })
      expect(step.summary).toMatch(/^## CHG\d+: not approved yet, nothing is deployed\n/)
      expect(step.summary).toMatch(/\| New \| \d{4}-/)
      expect(sandbox.change(number)?.state).not.toBe('-1')
      expect(notesOf(number)).toEqual([])
      expect(JSON.parse(step.state.gate ?? '').change).toMatchObject({ phase: 'before', outcome: 'timeout' })
    }))

  it('waits as long as the timeout says, and polls at its end once more', () =>
    inWorld(UNDECIDED, async ({ perform }) => {
      const step = await perform(definition, { inputs: { ...NORMAL, timeout: '1' } })
      expect(step.outputs).toMatchObject({ outcome: 'timeout', polls: '2', 'waited-seconds': '1' })
    }))

  it('prints what an approver said who rejected the change', () =>
    inWorld(UNDECIDED, async ({ sandbox, perform }) => {
      const step = await perform(definition, {
        inputs: NORMAL,
        onInfo: line => {
          if (!line.includes('Yet to approve')) return
          sandbox.reject(sandbox.rows('change_request')[0]?.number ?? '', 'Not on Black Friday.')
        }
      })
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'rejected' })
      expect(step.failure?.text).toContain('Not on Black Friday.')
      expect(step.info).toContainEqual(
        expect.stringMatching(/Anna Approver \(rejected\): .*Not on Black Friday\./)
      )
    }))

  it.each([
    ['canceled', { state: '4' }],
    ['closed', { state: '3', approval: 'approved' }],
    ['unexpected-state', { state: '0', approval: 'approved' }],
    ['unauthorized', { ...SCHEDULED, unauthorized: 'true' }],
    ['window-closed', { ...SCHEDULED, end_date: '2020-01-01 00:00:00' }],
    ['window-not-open', { ...SCHEDULED, start_date: '2099-01-01 00:00:00' }],
    ['timeout', { state: '-2' }]
  ])('fails the step with the outcome %s', (outcome, fields) =>
    inWorld({}, async world => {
      const { number, sysId } = world.plant(fields)
      const step = await world.perform(definition, { inputs: { ...ONCE, 'change-number': number } })
      expect(step.failure?.title).toBe(`Change ${number}: ${outcome}`)
      expect(step.summary).toContain(number)
      expect(step.outputs).toMatchObject({ approved: 'false', outcome })
      expect(JSON.parse(step.outputs.metrics ?? '').result).toBe(outcome)
      expect(world.sandbox.change(sysId)?.state).toBe(fields.state)
    })
  )

  it('has the outcome error when the instance refuses to create the change', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      sandbox.fault({ kind: 'acl', method: 'POST', path: '/change', times: FOREVER })
      const step = await perform(definition, { inputs: NORMAL })
      expect(step.failure?.title).toMatch(/^ServiceNow 403: /)
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'error', created: 'false' })
      expect(step.summary).toMatch(/^## Change-controlled deployment: failed\n/)
      expect(step.state).toEqual(NOTHING_SAVED)
    }))

  it('has the outcome error when the change cannot be read while it waits, in a dry run too', () =>
    inWorld({}, async ({ sandbox, plant, perform }) => {
      for (const dryRun of ['true', 'false']) {
        const { number, sysId } = plant(SCHEDULED)
        // The change is read by its number before the wait, and by its sys_id while it waits.
        const fault = sandbox.fault({ kind: 'acl', method: 'GET', path: `/change/${sysId}`, times: FOREVER })
        const inputs = { ...ONCE, 'change-number': number, 'dry-run': dryRun }
        const step = await perform(definition, { inputs })
        expect(step.failure?.title).toMatch(/^ServiceNow 403: /)
        expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'error' })
        fault.remove()
      }
    }))

  it('leaves the outcome interrupted, and what is known for the post step', () =>
    inWorld(UNDECIDED, async ({ perform }) => {
      const controller = new AbortController()
      const step = await perform(definition, {
        inputs: NORMAL,
        interrupt: controller.signal,
        onInfo: line => {
          if (line.includes('waiting for approval')) controller.abort()
        }
      })
      expect(step.outputs).toMatchObject({
        approved: 'false',
        outcome: 'interrupted',
        created: 'true',
        polls: '1',
        'approved-by': ''
      })
      expect(step.summary).toContain('**Interrupted**')
      expect(step.summary).toMatch(/^## CHG\d+: interrupted\n/)
      expect(step.summary).toMatch(/\| New \| \d{4}-[\s\S]*\| Assess \| \d{4}-/)
      expect(JSON.parse(step.state.gate ?? '').change).toMatchObject({
        phase: 'before',
        outcome: 'interrupted'
      })
    }))
})
