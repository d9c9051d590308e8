/** What becomes of the gate's change after the job. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seedId } from '@change-actions/sandbox'
import { describe, expect, it } from '@jest/globals'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { performPost } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

const NORMAL = { environment: 'production', 'assignment-group': 'DevOps Team' }
const STANDARD = { environment: 'production', 'standard-change-template': 'app-deployment-template' }
const IMPLEMENT = '-1'
const REVIEW = '0'
const CLOSED = '3'

const open = ({ perform }: World, inputs: Record<string, string> = {}) =>
  perform(definition, { inputs: { ...STANDARD, ...inputs } })

const changeOf = ({ sandbox }: World, { outputs }: Performed) =>
  sandbox.change(outputs['change-number'] ?? '')

const notesOf = ({ notes }: World, { outputs }: Performed) => notes(outputs['change-sys-id'] ?? '')

describe('a deployment that has ended', () => {
  it.each([
    ['success', {}, CLOSED, 'successful'],
    ['success', { 'on-success': 'review' }, REVIEW, ''],
    ['success', { 'on-success': 'none' }, IMPLEMENT, ''],
    ['failure', {}, REVIEW, 'unsuccessful'],
    ['failure', { 'on-failure': 'close' }, CLOSED, 'unsuccessful'],
    ['failure', { 'on-failure': 'none' }, IMPLEMENT, ''],
    ['cancelled', {}, REVIEW, 'unsuccessful'],
    ['cancelled', { 'on-cancel': 'close' }, CLOSED, 'unsuccessful'],
    ['cancelled', { 'on-cancel': 'none' }, IMPLEMENT, '']
  ])('with %s and %o', (status, inputs, state, code) =>
    inWorld({}, async world => {
      const main = await open(world, inputs as Record<string, string>)
      const step = await performPost(world, main, status)
      expect(step.failure).toBeUndefined()
      expect(step.errors).toEqual([])
      expect(changeOf(world, main)).toMatchObject({ state, close_code: code })
      const [start, end, ...more] = notesOf(world, main)
      expect(more).toEqual([])
      expect(start).toMatch(/^Deployment to production started\.\n[\s\S]*Commit: 65dbbeda5ade/)
      expect(end).toMatch(
        new RegExp(
          `^Deployment to production ended: ${status}\\.\n[\\s\\S]*Commit: 65dbbeda5ade[\\s\\S]*States, as this job observed them: new `
        )
      )
      expect(step.summary).toMatch(state === CLOSED ? /^## CHG\d+: closed as / : /^## CHG\d+: in /)
      expect(step.summary).toMatch(new RegExp(`Job[^\\n]*${status}`))
      // Of a close how it ended, else how the job did.
      expect(JSON.parse(step.outputs.metrics ?? '').result).toBe(state === CLOSED ? code : status)
    })
  )

  it.each([
    ['success', { 'close-code-success': 'Implemented' }, CLOSED, 'implemented'],
    ['failure', { 'close-code-failure': 'backed_out' }, REVIEW, 'backed_out']
  ])("with %s and the instance's own close codes", (status, inputs, state, code) =>
    inWorld({}, async world => {
      for (const [value, label] of [
        ['implemented', 'Implemented'],
        ['backed_out', 'Backed out']
      ] as const) {
        const place = { name: 'change_request', element: 'close_code', language: 'en', inactive: 'false' }
        world.sandbox.insert('sys_choice', { ...place, value, label })
      }
      const main = await open(world, inputs as Record<string, string>)
      const step = await performPost(world, main, status)
      expect(step.errors).toEqual([])
      expect(changeOf(world, main)).toMatchObject({ state, close_code: code })
    })
  )

  it('leaves the change in Implement where the instance has no such close code, and says what to do', () =>
    inWorld({}, async world => {
      const main = await open(world, { 'close-code-success': 'Implemented' })
      const step = await performPost(world, main, 'success')
      expect(step.errors).toEqual([
        {
          title: expect.stringMatching(/: unknown close code$/),
          text: expect.stringMatching(/no close code "Implemented"[\s\S]*`close-code-success`/)
        }
      ])
      expect(step.summary).toMatch(/Manual action required:\*\* .*close code Implemented/)
      expect(changeOf(world, main)).toMatchObject({ state: IMPLEMENT, close_code: '' })
    }))

  it('is summed up with all states in time, each once', () =>
    inWorld({}, async world => {
      const main = await open(world)
      const { summary } = await performPost(world, main, 'success')
      expect(summary).toMatch(
        /New \| \d{4}-[\s\S]*Scheduled \| \d{4}-[\s\S]*Implement \| \d{4}-[\s\S]*Review \| \d{4}-[\s\S]*Closed \| \d{4}-/
      )
      expect(summary.match(/(?:Implement|Review|Closed) \| \d{4}-/g)).toHaveLength(3)
      expect(summary).toMatch(/^## CHG\d+: closed as successful\n/)
      expect(summary).toMatch(/\| Where \| production \|/)
    }))

  it('leaves no note of its own where lifecycle notes are not wanted', () =>
    inWorld({}, async world => {
      const main = await open(world, { 'lifecycle-notes': 'false' })
      await performPost(world, main, 'success')
      expect(notesOf(world, main)).toEqual([expect.stringMatching(/^Claimed by run 1001\./)])
      expect(changeOf(world, main)?.state).toBe(CLOSED)
    }))

  it('names the commit that was deployed, where that is not the commit of the run', () =>
    inWorld({}, async world => {
      const main = await open(world, { commit: 'F00DFACE'.repeat(5) })
      await performPost(world, main, 'failure')
      expect(notesOf(world, main).at(-1)).toContain('Commit: f00dfacef00d')
    }))

  it.each([
    ['close', { state: CLOSED }, '3'],
    ['leave', {}, '1'],
    ['fail', { state: IMPLEMENT }, '1']
  ])('with change-tasks: %s', (tasks, change, state) =>
    inWorld({ tasksOnImplement: true }, async world => {
      const main = await open(world, { 'change-tasks': tasks })
      const step = await performPost(world, main, 'success')
      expect(changeOf(world, main)).toMatchObject(change)
      expect(world.sandbox.rows('change_task').map(task => task.state)).toEqual([state, state])
      if (tasks === 'fail') expect(step.errors[0]?.text).toContain('2 change tasks are open')
    })
  )

  it('leaves a change that people supplied to them, with a note', () =>
    inWorld({}, async world => {
      const { number } = world.plant({ state: '-2', approval: 'approved' })
      const main = await world.perform(definition, { inputs: { 'change-number': number } })
      await performPost(world, main, 'success')
      expect(changeOf(world, main)?.state).toBe(IMPLEMENT)
      expect(notesOf(world, main).at(-1)).toMatch(/^Deployment ended: success\./)
    }))

  it('closes a named change as its own where this run, or the run that started it, made it', () =>
    inWorld({}, async world => {
      const own = world.plantOwn({ state: '-2', approval: 'approved' })
      const main = await world.perform(definition, { inputs: { 'change-number': own.number } })
      await performPost(world, main, 'success')
      expect(changeOf(world, main)?.state).toBe(CLOSED)

      const other = world.plantOwn({ state: '-2', approval: 'approved' })
      const inputs = { 'change-sys-id': other.sysId }
      const event = join(world.workspace, 'event.json')
      writeFileSync(event, JSON.stringify({ inputs: { 'change-number': other.number } }))
      const env = { GITHUB_RUN_ID: '1002', GITHUB_EVENT_PATH: event }
      const late = await world.perform(definition, { inputs, env })
      await performPost(world, late, 'success', { env })
      expect(changeOf(world, late)?.state).toBe(IMPLEMENT)

      const again = world.plantOwn({ state: '-2', approval: 'approved' })
      writeFileSync(event, JSON.stringify({ inputs: { 'change-number': again.number } }))
      const dispatched = { ...env, GITHUB_EVENT_NAME: 'workflow_dispatch' }
      const given = { inputs: { 'change-sys-id': again.sysId }, env: dispatched }
      const started = await world.perform(definition, given)
      await performPost(world, started, 'success', { env: dispatched })
      expect(changeOf(world, started)?.state).toBe(CLOSED)
    }))

  it('leaves a change that people made, although this run bound it', () =>
    inWorld({ autoApproveAfterMs: 600_000 }, async world => {
      const { number } = world.plant({
        state: '-4',
        approval: 'requested',
        assignment_group: seedId('sys_user_group', 'DevOps Team')
      })
      const inputs = { 'change-number': number, timeout: '0', 'on-timeout': 'cancel' }
      const main = await world.perform(definition, { inputs })
      expect(main.outputs.outcome).toBe('timeout')
      await performPost(world, main, 'failure')
      expect(changeOf(world, main)?.state).toBe('-4')
    }))

  it('is no success when the status of the job is none that is known', () =>
    inWorld({}, async world => {
      const main = await open(world)
      await performPost(world, main, '')
      expect(changeOf(world, main)).toMatchObject({ state: REVIEW, close_code: 'unsuccessful' })
    }))
})

describe('a gate that did not open', () => {
  const UNDECIDED = { autoApproveAfterMs: 600_000 }

  it.each([
    ['cancelled', '4'],
    ['failure', undefined]
  ])('job %s: its own draft is canceled only when the job was', (status, state) =>
    inWorld(UNDECIDED, async world => {
      const main = await world.perform(definition, { inputs: { ...NORMAL, timeout: '0' } })
      const before = changeOf(world, main)?.state
      const step = await performPost(world, main, status)
      expect(step.errors).toEqual([])
      expect(changeOf(world, main)?.state).toBe(state ?? before)
      expect(notesOf(world, main)).toEqual([
        expect.stringContaining(`Not deployed to production: the gate ended with timeout (job ${status}).`)
      ])
    })
  )

  it.each(['leave', 'cancel'])('may cancel what was not approved in time: on-timeout: %s', what =>
    inWorld(UNDECIDED, async world => {
      const main = await world.perform(definition, {
        inputs: { ...NORMAL, timeout: '0', 'on-timeout': what, 'on-rejected': 'leave' }
      })
      const before = changeOf(world, main)?.state
      const step = await performPost(world, main, 'failure')
      expect(step.errors).toEqual([])
      expect(changeOf(world, main)?.state).toBe(what === 'cancel' ? '4' : before)
      expect(JSON.parse(step.outputs.metrics ?? '').result).toBe(what === 'cancel' ? 'canceled' : 'failure')
    })
  )

  it('has nothing to finish where there was no change', () =>
    inWorld({}, async world => {
      const step = await performPost(world, { state: {} }, 'failure')
      expect(step.info).toEqual(['The gate has no change to finish.'])
      expect(step.summary).toBe('')
      expect(world.sandbox.requests).toEqual([])
    }))
})
