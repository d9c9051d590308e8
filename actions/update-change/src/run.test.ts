import { describe, expect, it } from '@jest/globals'
import { definition as createChange } from '../../create-change/src/main.ts'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { definition as waitApproval } from '../../wait-approval/src/main.ts'
import { definition } from './main.ts'

/** A change in this state, past all rules, and the step about it. */
function plant(world: World, state: string, fields: Record<string, string> = {}) {
  const { sandbox, perform } = world
  const about = { short_description: 'Deploy', type: 'normal', approval: 'approved', state, ...fields }
  const sysId = sandbox.insert('change_request', about)
  const number = sandbox.change(sysId)?.number ?? ''
  const update = (inputs: Record<string, string>, env: Record<string, string> = {}) =>
    perform(definition, { inputs: { 'change-number': number, ...inputs }, env })
  const notes = (element?: 'work_notes' | 'comments') =>
    sandbox.journal(sysId, element).map(note => note.text)
  return {
    sysId,
    number,
    update,
    notes,
    change: (): Readonly<Record<string, string | undefined>> => sandbox.change(sysId) ?? {}
  }
}

const result = (step: Performed) => JSON.parse(step.outputs.metrics ?? '').result

const writes = ({ sandbox }: World) =>
  sandbox.requests.filter(one => one.method !== 'GET' && one.path !== '/oauth_token.do')

it('moves the change of the job on, and says where it was', () =>
  inWorld({}, async ({ sandbox, perform }) => {
    const created = await perform(createChange, {
      inputs: { 'short-description': 'Deploy', 'assignment-group': 'DevOps Team' }
    })
    expect(created.failure).toBeUndefined()
    // The first poll finds it approved: the next one would come seconds later.
    await sandbox.waitFor(
      () => sandbox.change(created.outputs['change-number'] ?? '')?.approval === 'approved'
    )
    expect((await perform(waitApproval)).outputs.approved).toBe('true')
    const moved = await perform(definition, { inputs: { state: 'implement' } })
    expect(moved.failure).toBeUndefined()
    expect(moved.outputs).toMatchObject({ 'change-state': 'implement', 'previous-state': 'scheduled' })
  }))

describe.each(['change-management', 'table'] as const)('on the %s API, update-change', api => {
  it('moves a change through the states on its way, and tells each', () =>
    inWorld({ api }, async world => {
      const { sysId, number, update } = plant(world, '-2')
      const step = await update({ state: 'review' })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toEqual({
        'change-sys-id': sysId,
        'change-number': number,
        'change-url': expect.stringContaining(sysId),
        'change-state': 'review',
        'previous-state': 'scheduled',
        changed: 'true',
        transitions: 'implement,review',
        metrics: expect.any(String)
      })
      expect(JSON.parse(step.outputs.metrics ?? '')).toEqual({
        requests: expect.any(Number),
        request_errors: 0,
        result: 'review',
        added_ms: expect.any(Number)
      })
      expect(step.summary).toMatch(/^## CHG\d+: in Review\n/)
      expect(step.summary).toMatch(
        /\| Scheduled \| \d{4}-[\s\S]*\| Implement \| \d{4}-[\s\S]*\| Review \| \d{4}-/
      )
      expect(step.info).not.toContainEqual(expect.stringMatching(/^Nothing to write/))
    }))

  it('closes a change with the code and notes given', () =>
    inWorld({ api }, async world => {
      const { update, change } = plant(world, '0')
      const closing = { state: 'closed', 'close-code': 'Successful with issues', 'close-notes': 'Slow' }
      const step = await update(closing)
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ 'change-state': 'closed', transitions: 'closed' })
      expect(change()).toMatchObject({ state: '3', close_code: 'successful_issues', close_notes: 'Slow' })
    }))

  it('writes fields and notes, and repeats none of them', () =>
    inWorld({ api }, async world => {
      const { update, change, notes, number } = plant(world, '-1')
      const inputs = {
        'work-notes': 'Half way',
        comments: 'Please wait',
        fields: 'justification: Ticket A-7\nassignment-group: Platform Team\nimpact: 1 - High'
      }
      const step = await update(inputs)
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({
        changed: 'true',
        transitions: '',
        'change-state': 'implement',
        'previous-state': 'implement'
      })
      expect(change().assignment_group).toMatch(/^[0-9a-f]{32}$/)
      expect(change()).toMatchObject({ justification: 'Ticket A-7', impact: '1' })
      expect(notes()).toEqual([expect.stringMatching(/^Half way\n/)])
      expect(notes('comments')).toEqual([expect.stringMatching(/^Please wait\n/)])
      const before = writes(world).length
      const again = await update(inputs, { GITHUB_RUN_ATTEMPT: '2' })
      expect(again.failure).toBeUndefined()
      expect(again.outputs.changed).toBe('false')
      expect(again.info.at(-1)).toBe(`Nothing to write: ${number} is in Implement, as requested.`)
      expect(writes(world)).toHaveLength(before)
    }))

  it('puts a change on hold, and takes it off', () =>
    inWorld({ api }, async world => {
      const { update, change } = plant(world, '-1')
      const held = await update({ 'on-hold': 'true', 'on-hold-reason': 'Freeze' })
      expect(held.failure).toBeUndefined()
      expect(held.outputs.changed).toBe('true')
      expect(change()).toMatchObject({ on_hold: 'true', on_hold_reason: 'Freeze' })
      expect((await update({ 'on-hold': 'false' })).failure).toBeUndefined()
      expect(change().on_hold).toBe('false')
    }))

  it('says in a dry run what it would do, and does nothing', () =>
    inWorld({ api }, async world => {
      const { update, number } = plant(world, '-2')
      const step = await update({ state: 'implement', 'work-notes': 'Go', 'dry-run': 'true' })
      expect(step.failure).toBeUndefined()
      expect(step.info.filter(line => line.startsWith('Dry run'))).toContain(
        `Dry run: would move ${number} to Implement.`
      )
      expect(step.info).not.toContainEqual(expect.stringMatching(/^Nothing to write/))
      expect(step.outputs).toMatchObject({
        'change-state': 'scheduled',
        'previous-state': 'scheduled',
        changed: 'false',
        transitions: ''
      })
      expect(result(step)).toBe('dry-run')
      expect(writes(world)).toEqual([])
    }))

  it('deals with open change tasks as asked', () =>
    inWorld({ api, tasksOnImplement: true }, async world => {
      const { update, number } = plant(world, '-2')
      const tasks = () => world.sandbox.rows('change_task').map(task => task.state)
      await update({ state: 'implement' })
      const open = tasks()
      expect(open.length).toBeGreaterThan(0)
      const closing = { state: 'closed', 'close-code': 'successful' }
      expect((await update({ ...closing, 'change-tasks': 'fail' })).failure?.title).toContain(number)
      expect(tasks()).toEqual(open)
      const step = await update({ ...closing, 'change-tasks': 'close' })
      expect(step.failure).toBeUndefined()
      expect(new Set(tasks())).toEqual(new Set(['3']))
    }))
})

describe('a state', () => {
  it.each(['implement', 'Implement', '-1', 'IMPLEMENT'])('may be written as %s', state =>
    inWorld({}, async world => {
      const { update } = plant(world, '-2')
      expect((await update({ state })).outputs['change-state']).toBe('implement')
    })
  )

  it('that needs an approval is refused before any write, and the outputs say how the change stands', () =>
    inWorld({}, async world => {
      const { update, number, sysId } = plant(world, '-4', { approval: 'requested' })
      const step = await update({ state: 'implement', 'work-notes': 'Go' })
      expect(step.failure?.title).toBe(`Change ${number}: not approved`)
      expect(step.outputs).toMatchObject({
        'change-sys-id': sysId,
        'change-state': 'assess',
        'previous-state': 'assess',
        changed: 'false',
        transitions: ''
      })
      expect(result(step)).toBe('failure')
      expect(step.summary).toContain(`[${number}]`)
      expect(writes(world)).toEqual([])
    }))

  it('on the way is told, when a later one is refused', () =>
    inWorld({}, async world => {
      const { update, change } = plant(world, '-2')
      world.sandbox.fault({
        kind: 'business-rule',
        path: /change/,
        method: 'PATCH',
        nth: 2,
        times: Infinity
      })
      const step = await update({ state: 'review' })
      expect(step.failure?.title).toMatch(/^ServiceNow 403/)
      expect(change().state).toBe('-1')
      expect(step.outputs).toMatchObject({
        'change-state': 'implement',
        'previous-state': 'scheduled',
        changed: 'true',
        transitions: 'implement'
      })
      expect(step.summary).toMatch(/\]\([^\n]*\)[^\n]*Implement/)
    }))

  it('the change is in already is written as nothing', () =>
    inWorld({}, async world => {
      const { update, number, notes } = plant(world, '-1')
      // A person moved it: this run has yet to claim it.
      await update({ state: 'implement' })
      expect(notes()).toEqual([
        expect.stringMatching(/^Deployment started\.\n[\s\S]*\nCommit: 65dbbeda\w+\n[\s\S]*\n\[gha2 claim /)
      ])
      const before = writes(world).length
      const step = await update({ state: 'implement' })
      expect(step.outputs).toMatchObject({ changed: 'false', transitions: '' })
      expect(step.info.at(-1)).toBe(`Nothing to write: ${number} is in Implement, as requested.`)
      expect(writes(world)).toHaveLength(before)
    }))
})
