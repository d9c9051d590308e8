import { formatBinding, formatClaim, type JobResult } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { contextOn, problemOf } from '../testing/context.ts'
import { DEPLOYMENT, IDENTITY } from '../testing/deployment.ts'
import { APIS, startInstance, type TestInstance } from '../testing/instance.ts'
import { claimOf } from './claims.ts'
import { type FinishSettings, finish } from './finish.ts'
import type { GateState } from './gate-state.ts'

/** The note of a claim. */
const claimNote = (run: object, generation: number) =>
  `Deployment started.\n${formatClaim({ ...claimOf({ ...DEPLOYMENT, ...run }), generation })}`
const OURS = claimNote({}, 1)
const EARLIER_ATTEMPT = claimNote({ attempt: '1' }, 1)
const THEIRS = claimNote({ run: '1002' }, 2)
const ENTERED = { state: '-1', approval: 'approved' }
const CLOSED = { ...ENTERED, state: '3', close_code: 'successful', close_notes: 'By hand' }
const LINE = 'acme/shop at 65dbbeda5ade, https://github.com/acme/shop/actions/runs/1001'
let instance: TestInstance

interface Given {
  result?: JobResult
  state?: Partial<GateState>
  settings?: Partial<FinishSettings>
  /** The work notes that are there. Default: the claim of this run. */
  notes?: readonly string[]
  /** States of approvers, and of open change tasks. */
  approvers?: readonly string[]
  tasks?: readonly string[]
}

/** The state of a gate that made this change and opened. */
function gateOf({ sysId, number }: Change): GateState {
  return { sysId, number, created: true, supplied: false, phase: 'entered', times: [] }
}

async function start(fields: Record<string, string>, given: Given = {}) {
  const { result = 'success', state, settings, notes = [OURS], approvers = [], tasks = [] } = given
  const change = await instance.add(fields, notes)
  for (const [n, one] of approvers.entries()) instance.addApprover(change, { name: `Kim ${n}`, state: one })
  for (const one of tasks) instance.addTask(change, { state: one })
  const seen: string[] = []
  const context = contextOn(instance)
  const finished = finish(context, {
    identity: IDENTITY,
    state: { ...gateOf(change), ...state },
    result,
    settings: { lifecycleNotes: true, changeTasks: 'close', ...settings },
    onState: (one: Change) => void seen.push(one.state)
  })
  return { change, context, seen, finished }
}

/** The change after it was finished. */
async function done(fields: Record<string, string>, given?: Given): Promise<Change> {
  const { finished } = await start(fields, given)
  return finished
}

/** The requests that write, without the notes' facts. */
const written = () => instance.writes.map(line => line.replace(/ Repository: .*?(?=\[gha)/, ' '))

describe.each(APIS)('after the deployment (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('a success closes the change, with the actual end, the notes and the close code', async () => {
    const { context, seen, finished } = await start(ENTERED)
    expect((await finished).state).toBe('3')
    expect(written()).toEqual([
      'update CHG0030001 work_end=2026-11-21 12:00:00',
      expect.stringMatching(
        /^update CHG0030001 state=0 work_notes=Deployment to production ended: success\. \[gha \w{12}\]$/
      ),
      `update CHG0030001 state=3 close_code=successful close_notes=${LINE}: success`
    ])
    expect(seen).toEqual(['-1', '0', '3', '3'])
    expect(context.told('finished')).toMatchObject([{ change: { state: '3' }, result: 'success' }])
    expect(context.told('left-as-is')).toEqual([])
  })

  it.each<JobResult>(['failure', 'cancelled'])(
    'a %s leaves the close to people, with what is known',
    async result => {
      expect((await done(ENTERED, { result })).state).toBe('0')
      expect(written()).toEqual([
        expect.stringContaining('work_end='),
        expect.stringMatching(
          new RegExp(`close_code=unsuccessful close_notes=${LINE}: ${result} work_notes=.*ended: ${result}`)
        ),
        'update CHG0030001 state=0'
      ])
    }
  )

  it('a success that only goes to Review leaves the close code open', async () => {
    expect((await done(ENTERED, { settings: { onSuccess: 'review' } })).state).toBe('0')
    expect(instance.writes.join('\n')).not.toContain('close_code')
  })

  it('a failure that is to be closed is closed as unsuccessful', async () => {
    const { finished } = await start(ENTERED, { result: 'failure', settings: { onFailure: 'close' } })
    expect((await finished).fields.close_code?.value).toBe('unsuccessful')
  })

  it('no notes are written where none are requested', async () => {
    await done(ENTERED, { settings: { lifecycleNotes: false } })
    expect(instance.writes.join('\n')).not.toContain('work_notes')
    expect(instance.stored('CHG0030001').state).toBe('3')
  })

  it('running it again changes nothing more', async () => {
    const { change, finished } = await start(ENTERED)
    await finished
    instance.forget()
    const context = contextOn(instance)
    const state = gateOf(change)
    const settings = { lifecycleNotes: true, changeTasks: 'close' } as const
    const onState = () => undefined
    const after = await finish(context, {
      identity: IDENTITY,
      state,
      result: 'success',
      settings,
      onState
    })
    expect(instance.writes).toEqual([])
    expect(context.events).toEqual([{ type: 'left-as-is', change: after }])
  })

  it('a change given by number is left with a note, and moved where that is requested', async () => {
    const supplied = { state: { supplied: true, created: false } }
    expect((await done(ENTERED, supplied)).state).toBe('-1')
    expect(written()).toEqual([
      expect.stringMatching(/^update CHG0030001 work_notes=Deployment to production ended: success\. /)
    ])
    const closing = await start(ENTERED, { ...supplied, settings: { onSuccess: 'close' } })
    expect((await closing.finished).state).toBe('3')
  })

  it('a supplied change has its note even where lifecycle notes are off, any other has none', async () => {
    const settings = { lifecycleNotes: false, onSuccess: 'none' } as const
    await done(ENTERED, { state: { supplied: true }, settings })
    expect(instance.writes).toHaveLength(1)
    const { change, finished, context } = await start(ENTERED, { settings })
    expect((await finished).number).toBe(change.number)
    expect(instance.writes).toHaveLength(1)
    expect(context.told('left-as-is')).toHaveLength(1)
  })

  it.each(['3', '4'])(
    'a change that people ended meanwhile (%s) gets a note and is not moved',
    async state => {
      instance = startInstance({ api, notesOnClosed: true })
      expect((await done({ ...CLOSED, state })).state).toBe(state)
      expect(written()).toEqual([expect.stringMatching(/^update CHG0030001 work_notes=/)])
    }
  )

  it('a change that takes no notes any more is no reason to fail', async () => {
    const { context, finished } = await start(CLOSED)
    expect((await finished).state).toBe('3')
    expect(context.told('takes-no-notes')).toMatchObject([{ change: { number: 'CHG0030001' } }])
    expect(context.told('left-as-is')).toHaveLength(1)
  })

  it('a note that is dropped or refused on an open change is a problem', async () => {
    const run = () => ({ work_notes: '' })
    instance.sandbox.addRule({ table: 'change_request', name: 'No notes', run })
    const settings = { onSuccess: 'none' } as const
    await problemOf(done(ENTERED, { settings }), 'note-not-stored')
    instance.fail('update', { kind: 'acl' })
    await problemOf(done(CLOSED), 'role')
  })

  it('open tasks are closed, or fail the step', async () => {
    await done(ENTERED, { tasks: ['1'] })
    const line = `close_code=successful close_notes=${LINE}: success`
    expect(instance.writes).toContain(`task CTASK0010001 state=3 ${line}`)
    await problemOf(done(ENTERED, { settings: { changeTasks: 'fail' }, tasks: ['1'] }), 'open-tasks')
  })
})

describe.each(APIS)('a change that another run has taken over (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  const notes = [OURS, THEIRS]

  it('is left with a note', async () => {
    const { context, finished } = await start(ENTERED, { notes })
    expect((await finished).state).toBe('-1')
    expect(written()).toEqual([
      expect.stringMatching(/^update CHG0030001 work_notes=Deployment to production ended/)
    ])
    expect(context.told('claimed-elsewhere')).toMatchObject([{ change: { number: 'CHG0030001' } }])
  })

  it('is finished where the journal cannot be read: this run did claim it', async () => {
    instance = startInstance({ api, unreadableFields: ['work_notes'] })
    expect((await done(ENTERED, { notes })).state).toBe('3')
    expect(instance.writes.filter(line => line.includes('work_notes'))).toHaveLength(1)
  })

  it('was not, where an earlier attempt of this run holds it', async () => {
    expect((await done(ENTERED, { notes: [EARLIER_ATTEMPT] })).state).toBe('3')
  })
})

describe.each(APIS)('a gate that was killed while it claimed (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('had claimed, by the journal', async () => {
    expect((await done(ENTERED, { state: { phase: 'entering' } })).state).toBe('3')
  })

  it.each([
    ['had not', '-2', []],
    ['had lost', '-1', [OURS, THEIRS]]
  ])('%s, by the journal', async (_, state, notes) => {
    await done({ ...ENTERED, state }, { state: { phase: 'entering' }, result: 'failure', notes })
    expect(written()).toEqual([
      expect.stringMatching(/work_notes=Not deployed to production: the gate did not open \(job failure\)/)
    ])
  })
})

describe.each(APIS)('before the deployment (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  const before = { phase: 'before', outcome: 'timeout' } as const

  describe.each([
    ['rejected', { state: '-5', approval: 'rejected' }, { onRejected: 'cancel' }],
    ['timeout', { state: '-4', approval: 'requested' }, { onTimeout: 'cancel' }]
  ] as const)('a gate that ended with %s', (outcome, fields, settings) => {
    const ended = { phase: 'before', outcome } as const
    const given = { state: ended, settings, result: 'failure' } as const
    const notMade = { ...ended, created: false }
    const boundTo = (runId: string) => ({
      ...fields,
      correlation_display: formatBinding({
        commit: DEPLOYMENT.commit,
        runId,
        scope: '0123456789abcdef.01234567'
      })
    })

    it('cancels the change that this job made, with a note', async () => {
      expect((await done(fields, given)).state).toBe('4')
      expect(written()).toEqual([
        expect.stringMatching(
          new RegExp(`state=4 work_notes=Not deployed to production: the gate ended with ${outcome} `)
        )
      ])
    })

    it('cancels the one that an earlier attempt of this run made', async () => {
      expect((await done(boundTo(DEPLOYMENT.run), { ...given, state: notMade })).state).toBe('4')
    })

    it.each([
      ['nothing else is said', { ...given, settings: {} }, fields],
      ['another outcome is meant', { ...given, state: { ...ended, outcome: 'withdrawn' } }, fields],
      ['it is of another run', { ...given, state: notMade }, boundTo('77')],
      [
        'it was supplied',
        { ...given, state: { ...notMade, supplied: true } },
        { ...fields, correlation_display: 'of another tool' }
      ],
      ['somebody began', given, { ...fields, state: '-1' }]
    ])('leaves the change with a note where %s', async (_, more, change) => {
      expect((await done(change, more)).state).toBe(change.state)
      expect(written()).toEqual([expect.stringMatching(/^update CHG0030001 work_notes=Not deployed/)])
    })
  })

  const requested = { state: '-4', approval: 'requested' }

  it.each<JobResult>(['failure', 'success'])('a %s leaves the change with a note', async result => {
    expect((await done(requested, { state: before, result })).state).toBe('-4')
    expect(written()).toEqual([
      expect.stringMatching(
        new RegExp(`work_notes=Not deployed to production: the gate ended with timeout \\(job ${result}\\)`)
      )
    ])
  })

  it('a canceled job cancels the change that it made, while nobody has decided', async () => {
    const given = { state: before, result: 'cancelled', approvers: ['requested'] } as const
    const { context, finished } = await start(requested, given)
    expect((await finished).state).toBe('4')
    expect(written()).toEqual([
      expect.stringMatching(/^update CHG0030001 state=4 work_notes=Not deployed to/)
    ])
    expect(context.told('finished')).toMatchObject([{ result: 'cancelled' }])
  })

  it.each<[string, Record<string, string>, Partial<GateState>, readonly string[], string]>([
    ['nobody is asked', requested, {}, [], '4'],
    [
      'the catalogue approved its template',
      { state: '-2', approval: 'approved', std_change_producer_version: 'v9' },
      {},
      [],
      '4'
    ],
    ['the job did not make it', requested, { created: false }, [], '-4'],
    ['it is approved', { state: '-2', approval: 'approved' }, {}, [], '-2'],
    ['it is rejected', { state: '-5', approval: 'rejected' }, {}, [], '-5'],
    ['one of its approvers approved', requested, {}, ['requested', 'approved'], '-4'],
    ['one of its approvers rejected', requested, {}, ['Rejected'], '-4'],
    ['the work has begun', { state: '-1', approval: 'not requested' }, {}, [], '-1'],
    ['the work is done', { state: '0', approval: 'not requested' }, {}, [], '0'],
    ['its state is the instance’s own', { state: '107' }, {}, [], '107']
  ])('a canceled job whose change is such that %s', async (_, fields, state, approvers, end) => {
    instance.addState('107', 'Testing')
    const given = { state: { ...before, ...state }, result: 'cancelled', approvers } as const
    expect((await done(fields, given)).state).toBe(end)
    expect(instance.writes).toHaveLength(1)
  })

  it('a canceled job cancels the change where the approvers may not be read', async () => {
    instance = startInstance({ api, user: 'gha.narrow' })
    const given = { state: before, result: 'cancelled', approvers: ['approved'] } as const
    expect((await done(requested, given)).state).toBe('4')
    expect(instance.writes).toHaveLength(1)
  })

  it('nothing is written to a change that another run has', async () => {
    const state = { phase: 'before', outcome: 'in-use' } as const
    const { context, change, finished } = await start(ENTERED, { state, result: 'cancelled' })
    expect((await finished).number).toBe(change.number)
    expect(instance.writes).toEqual([])
    expect(context.told('left-as-is')).toHaveLength(1)
  })
})
