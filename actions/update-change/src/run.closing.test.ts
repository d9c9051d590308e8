import { describe, expect, it } from '@jest/globals'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

/** The states of a change, as the instance stores them. */
const STATES = {
  new: '-5',
  assess: '-4',
  scheduled: '-2',
  implement: '-1',
  review: '0',
  closed: '3',
  canceled: '4'
} as const

/** A change that an earlier step of this job made. */
function plant(world: World, state: keyof typeof STATES, fields: Record<string, string> = {}) {
  const { sandbox, perform, plantOwn } = world
  const about = { short_description: 'Deploy', type: 'normal', approval: 'approved', ...fields }
  const { sysId, number } = plantOwn({ state: STATES[state], ...about })
  const ofJob = { SERVICENOW_CHANGE_SYS_ID: sysId, SERVICENOW_CHANGE_NUMBER: number }
  return {
    sysId,
    number,
    change: (): Readonly<Record<string, string | undefined>> => sandbox.change(sysId) ?? {},
    notes: () => sandbox.journal(sysId).map(note => note.text),
    /** In the job that made the change. */
    end: (inputs: Record<string, string>) =>
      perform(definition, { env: ofJob, inputs: { state: 'by-job-status', ...inputs } }),
    /** In another job. */
    endElsewhere: (inputs: Record<string, string>) =>
      perform(definition, { inputs: { 'change-sys-id': sysId, state: 'by-job-status', ...inputs } })
  }
}

const result = (step: Performed) => JSON.parse(step.outputs.metrics ?? '').result

const LINE = 'acme/shop at 65dbbeda5ade, https://github.com/acme/shop/actions/runs/1001'

describe.each(['change-management', 'table'] as const)('on the %s API, by-job-status', api => {
  it.each(['implement', 'review'] as const)('closes as successful what succeeded in %s', state =>
    inWorld({ api }, async world => {
      const { end, change } = plant(world, state)
      const step = await end({ 'own-job-status': 'success' })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ 'change-state': 'closed', 'previous-state': state })
      expect(change()).toMatchObject({
        state: STATES.closed,
        close_code: 'successful',
        close_notes: `${LINE}: success`
      })
      expect(result(step)).toBe('successful')
    })
  )

  it.each(['failure', 'cancelled'])('closes as unsuccessful what ended with %s in Implement', status =>
    inWorld({ api }, async world => {
      const { end, change } = plant(world, 'implement')
      const step = await end({ 'own-job-status': status })
      expect(step.outputs).toMatchObject({ 'change-state': 'closed', transitions: 'review,closed' })
      expect(change()).toMatchObject({ close_code: 'unsuccessful', close_notes: `${LINE}: ${status}` })
    })
  )

  it.each(['failure', 'cancelled'])('cancels what ended with %s before the gate opened', status =>
    inWorld({ api }, async world => {
      const { end, change, notes } = plant(world, 'scheduled')
      const step = await end({ 'own-job-status': status, 'gate-outcome': 'window-closed' })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ 'change-state': 'canceled', transitions: 'canceled' })
      expect(notes()).toEqual([expect.stringMatching(/^Canceled: /)])
      expect(notes()[0]).toContain(`Canceled: ${LINE}: ${status}. Nothing was deployed.\n`)
      expect(change()).toMatchObject({ close_code: '', close_notes: '' })
      expect(result(step)).toBe('canceled')
    })
  )

  it('cancels what nobody approved, whatever is known of the gate', () =>
    inWorld({ api }, async world => {
      const { end, notes } = plant(world, 'assess', { approval: 'requested' })
      const step = await end({ 'own-job-status': 'failure' })
      expect(step.outputs['change-state']).toBe('canceled')
      expect(notes()).toEqual([expect.stringMatching(/failure\. Nothing was deployed\./)])
    }))

  it.each([{}, { 'gate-outcome': 'approved' }])(
    'closes as unsuccessful what may have been deployed from Scheduled: %j',
    gate =>
      inWorld({ api }, async world => {
        const { end, change, notes } = plant(world, 'scheduled')
        const step = await end({ 'own-job-status': 'failure', 'work-notes': 'See the log.', ...gate })
        expect(step.failure).toBeUndefined()
        expect(step.outputs).toMatchObject({
          'change-state': 'closed',
          transitions: 'implement,review,closed'
        })
        expect(change().close_code).toBe('unsuccessful')
        expect(notes()).toEqual([
          expect.stringContaining(
            `See the log.\nThe deployment may have begun, and Implement was entered after it: ${LINE}: failure.\n`
          )
        ])
        expect(notes().join()).not.toMatch(/nothing was deployed/i)
        expect(step.warnings).toEqual([expect.stringContaining('the deployment may have begun')])
        expect(result(step)).toBe('unsuccessful')
      })
  )

  it('does not say that nothing was deployed where the gate opened without an approval', () =>
    inWorld({ api }, async world => {
      const { end, notes } = plant(world, 'scheduled', { approval: 'not requested' })
      const step = await end({ 'own-job-status': 'failure', 'gate-outcome': 'approved' })
      expect(step.outputs['change-state']).toBe('canceled')
      expect(notes()).toEqual([expect.stringMatching(/failure\. The deployment may have begun\./)])
    }))

  it('closes what was approved and deployed without being moved to Implement, with a warning', () =>
    inWorld({ api }, async world => {
      const step = await plant(world, 'scheduled').endElsewhere({ 'job-status': 'success' })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({
        'change-state': 'closed',
        transitions: 'implement,review,closed'
      })
      expect(step.warnings).toEqual([expect.stringMatching(/was approved and never moved to Implement/)])
    }))

  it.each(['assess', 'scheduled', 'canceled'] as const)(
    'fails for a success whose change is in %s and not approved: something was deployed without it',
    state =>
      inWorld({ api }, async world => {
        const { end, number, change } = plant(world, state, { approval: 'requested' })
        const step = await end({ 'own-job-status': 'success' })
        expect(step.failure?.title).toBe(`Change ${number}: not closed`)
        expect(step.failure?.text).toMatch(
          state === 'canceled' ? /the change is Canceled/ : /was never moved to Implement/
        )
        expect(change().state).toBe(STATES[state])
        expect(step.outputs).toMatchObject({ 'change-state': state, changed: 'false' })
      })
  )
})

describe('the result of by-job-status', () => {
  it('is job-status, where given, before the status of the job', () =>
    inWorld({}, async world => {
      const { end, change } = plant(world, 'implement')
      await end({ 'own-job-status': 'success', 'job-status': 'failure' })
      expect(change().close_code).toBe('unsuccessful')
    }))

  it.each([
    ['success', { build: { result: 'success' }, deploy: { result: 'success' } }, 'successful'],
    ['a failure', { build: { result: 'success' }, deploy: { result: 'failure' } }, 'unsuccessful'],
    ['a skipped job', { build: { result: 'skipped' }, deploy: { result: 'success' } }, 'unsuccessful']
  ])('may be that of other jobs: %s', (_, needs, code) =>
    inWorld({}, async world => {
      const { endElsewhere, change } = plant(world, 'implement')
      const step = await endElsewhere({ 'job-status': JSON.stringify(needs) })
      expect(step.failure).toBeUndefined()
      expect(change().close_code).toBe(code)
    })
  )

  const NEEDS = {
    build: { result: 'success' },
    deploy: { result: 'success' },
    smoke: { result: 'skipped' }
  }

  it('names the jobs that decided, in the log and in what is written', () =>
    inWorld({}, async world => {
      const { endElsewhere, change } = plant(world, 'implement')
      const step = await endElsewhere({ 'job-status': JSON.stringify(NEEDS) })
      expect(step.info).toContain('The result is cancelled, by smoke (skipped).')
      expect(change()).toMatchObject({
        close_code: 'unsuccessful',
        close_notes: `${LINE}: cancelled, by smoke (skipped)`
      })
    }))

  it('is a success in spite of jobs that may be skipped', () =>
    inWorld({}, async world => {
      const { endElsewhere, change } = plant(world, 'implement')
      const step = await endElsewhere({ 'job-status': JSON.stringify(NEEDS), 'may-skip': 'smoke' })
      expect(step.failure).toBeUndefined()
      expect(change()).toMatchObject({ close_code: 'successful', close_notes: `${LINE}: success` })
    }))

  it.each([
    [
      { 'job-status': JSON.stringify(NEEDS), 'may-skip': 'smoek' },
      /`may-skip` names smoek, .*: build, deploy, smoke/
    ],
    [{ 'job-status': 'success', 'may-skip': 'smoke' }, /give `job-status: \$\{\{ toJSON\(needs\) \}\}`/],
    [{ state: 'review', 'may-skip': 'smoke' }, /`may-skip` goes with `state: by-job-status`/],
    [{ state: 'review', 'close-code-success': 'x' }, /`close-code-success` goes with/],
    [{ state: 'review', 'gate-outcome': 'timeout' }, /`gate-outcome` goes with `state: by-job-status`/],
    [
      { 'job-status': 'failure', 'gate-outcome': 'success' },
      /`gate-outcome` must be the output outcome of wait-approval, `\$\{\{ steps\.<id>\.outputs\.outcome \}\}`, not `success`/
    ]
  ])('is refused before anything is sent: %j', (inputs, text) =>
    inWorld({}, async world => {
      const { endElsewhere } = plant(world, 'implement')
      const step = await endElsewhere(inputs)
      expect(step.failure).toMatchObject({ title: 'Input error', text: expect.stringMatching(text) })
      expect(world.sandbox.requests).toEqual([])
    })
  )

  it('must be given for a change of another job', () =>
    inWorld({}, async world => {
      const { endElsewhere, number, change } = plant(world, 'implement')
      const step = await endElsewhere({ 'own-job-status': 'success' })
      expect(step.failure).toEqual({
        title: 'Input error',
        text: expect.stringMatching(
          new RegExp(`^${number} was not made in this job, .*\nFix: give \`job-status\``)
        )
      })
      expect(change().state).toBe(STATES.implement)
    }))

  it.each(['', 'unknown'])('must be known: the status "%s" is not', status =>
    inWorld({}, async world => {
      const step = await plant(world, 'implement').end({ 'own-job-status': status })
      expect(step.failure).toEqual({
        title: 'Input error',
        text: 'The status of this job is not known\nFix: give `job-status: ${{ job.status }}`'
      })
    })
  )

  it('closes nothing in a state of the instance of which nothing is known', () =>
    inWorld({}, async world => {
      const { end, number } = plant(world, 'implement', { state: '-20' })
      const step = await end({ 'own-job-status': 'success' })
      expect(step.failure?.title).toBe(`Change ${number}: unexpected state`)
    }))

  it('leaves a change that is closed as it is', () =>
    inWorld({}, async world => {
      const { end } = plant(world, 'closed', { close_code: 'successful', close_notes: 'Done' })
      const step = await end({ 'own-job-status': 'success' })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ changed: 'false', 'change-state': 'closed' })
    }))
})

describe('close codes and notes', () => {
  const close = (inputs: Record<string, string>) => ({ state: 'closed', ...inputs })

  it('name the code in the notes, where none are given', () =>
    inWorld({}, async world => {
      const { end, change } = plant(world, 'review')
      await end(close({ 'close-code': 'Unsuccessful' }))
      expect(change()).toMatchObject({
        close_code: 'unsuccessful',
        close_notes: `${LINE}: unsuccessful`
      })
    }))

  it('name the commit that was deployed in place of that of the run', () =>
    inWorld({}, async world => {
      const { end, change } = plant(world, 'review')
      await end(close({ 'close-code': 'successful', commit: 'ABCDEF0123456789abcdef0123456789abcdef01' }))
      expect(change().close_notes).toContain('acme/shop at abcdef012345, ')
    }))

  it("may have a code of the instance's own, by its label", () =>
    inWorld({}, async world => {
      const choice = { name: 'change_request', element: 'close_code', language: 'en', inactive: 'false' }
      world.sandbox.insert('sys_choice', { ...choice, value: 'rolled_back', label: 'Rolled back' })
      const { end, change } = plant(world, 'review')
      const step = await end(close({ 'close-code': 'Rolled back' }))
      expect(step.failure).toBeUndefined()
      expect(change()).toMatchObject({ close_code: 'rolled_back', close_notes: `${LINE}: rolled_back` })
    }))

  it('with a code that does not exist close nothing', () =>
    inWorld({}, async world => {
      const { end, change } = plant(world, 'review')
      const step = await end(close({ 'close-code': 'fine' }))
      expect(step.failure?.title).toMatch(/: unknown close code$/)
      expect(change().state).toBe(STATES.review)
    }))

  it('may be written before the change is closed', () =>
    inWorld({}, async world => {
      const { end, change } = plant(world, 'implement')
      const step = await end({ state: 'review', 'close-code': 'successful' })
      expect(step.failure).toBeUndefined()
      expect(change()).toMatchObject({ state: STATES.review, close_code: 'successful', close_notes: '' })
    }))

  it('may be the notes alone', () =>
    inWorld({}, async world => {
      const { end, change } = plant(world, 'review')
      await end({ state: '', 'close-notes': 'All well' })
      expect(change()).toMatchObject({ close_code: '', close_notes: 'All well' })
    }))
})

describe('a change that is canceled', () => {
  it('has its note once, when the step runs again', () =>
    inWorld({}, async world => {
      const { endElsewhere, notes } = plant(world, 'scheduled')
      const failed = { 'job-status': 'failure', 'gate-outcome': 'timeout' }
      await endElsewhere(failed)
      const again = await endElsewhere(failed)
      expect(again.failure).toBeUndefined()
      expect(again.outputs).toMatchObject({ changed: 'false', 'previous-state': 'canceled' })
      expect(notes()).toHaveLength(1)
    }))

  it('has a note that nothing was deployed', () =>
    inWorld({}, async world => {
      const { end, notes } = plant(world, 'scheduled')
      await end({ state: 'canceled' })
      expect(notes()).toEqual([expect.stringContaining(`Canceled: ${LINE}: nothing was deployed\n`)])
    }))

  it('has the work note given in place of that', () =>
    inWorld({}, async world => {
      const { end, notes } = plant(world, 'scheduled')
      await end({ state: 'cancelled', 'work-notes': 'Not needed' })
      expect(notes()).toEqual([expect.stringMatching(/^Not needed\n/)])
    }))
})

describe('the close code', () => {
  const OWN = { implemented: 'Implemented as planned', backed_out: 'Backed out' }

  /** The instance has these codes, and none of those that ship. */
  function ownCodes({ sandbox }: World): void {
    for (const row of sandbox.rows('sys_choice').filter(one => one.element === 'close_code'))
      sandbox.set('sys_choice', row.sys_id, { inactive: 'true' })
    for (const [value, label] of Object.entries(OWN)) {
      const place = { name: 'change_request', element: 'close_code', language: 'en', inactive: 'false' }
      sandbox.insert('sys_choice', { ...place, value, label })
    }
  }

  it.each([
    ['success', 'implemented'],
    ['failure', 'backed_out'],
    ['cancelled', 'backed_out']
  ])("is the instance's own one for a %s", (status, code) =>
    inWorld({}, async world => {
      ownCodes(world)
      const { endElsewhere, change } = plant(world, 'implement')
      const step = await endElsewhere({
        'job-status': status,
        'close-code-success': 'Implemented as planned',
        'close-code-failure': 'backed_out'
      })
      expect(step.failure).toBeUndefined()
      expect(change()).toMatchObject({ state: STATES.closed, close_code: code })
    })
  )

  it.each([
    [{ 'job-status': 'success' }, 'close-code-success'],
    [{ 'job-status': 'failure' }, 'close-code-failure'],
    [{ state: 'closed', 'close-code': 'successful' }, 'close-code']
  ])('that the instance does not have fails the step before any move: %j', (inputs, input) =>
    inWorld({}, async world => {
      ownCodes(world)
      const { endElsewhere, change, number } = plant(world, 'implement')
      const step = await endElsewhere(inputs)
      expect(step.failure?.title).toBe(`Change ${number}: unknown close code`)
      expect(step.failure?.text).toMatch(/it has .*Implemented as planned/)
      expect(step.failure?.text).toContain(`Fix: give one of them as \`${input}\``)
      expect(change()).toMatchObject({ state: STATES.implement, close_code: '' })
      expect(world.sandbox.requests.filter(one => one.method === 'PATCH')).toEqual([])
    })
  )
})
