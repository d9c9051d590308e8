import { formatClaim, type JobResult } from '@change-actions/change-control'
import { type Approval, type Change, clientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { DEPLOYMENT } from '../testing/deployment.ts'
import { contextOn, problemOf } from '../testing/fake-context.ts'
import { FakeInstance } from '../testing/fake-instance.ts'
import type { Cell } from '../testing/fake-records.ts'
import { journal } from '../testing/journal.ts'
import { claimOf } from './claims.ts'
import { type FinishSettings, finish } from './finish.ts'
import type { GateState } from './gate-state.ts'

const OURS = formatClaim({ ...claimOf(DEPLOYMENT), generation: 1 })
const EARLIER_ATTEMPT = formatClaim({ ...claimOf({ ...DEPLOYMENT, attempt: '1' }), generation: 1 })
const THEIRS = formatClaim({ ...claimOf({ ...DEPLOYMENT, run: '1002' }), generation: 2 })
const ENTERED: Record<string, Cell> = {
  state: '-1',
  approval: 'approved',
  work_end: '',
  work_notes: journal(OURS)
}
const LINE = 'acme/shop at 65dbbeda5ade, https://github.com/acme/shop/actions/runs/1001'
let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

interface Given {
  result?: JobResult
  state?: Partial<GateState>
  settings?: Partial<FinishSettings>
  /** The account may not read the journal. */
  unreadable?: boolean
}

function start(cells: Record<string, Cell>, given: Given = {}) {
  const { result = 'success', state, settings, unreadable = false } = given
  const change = fake.add(cells)
  if (unreadable) delete fake.rows.at(-1)?.work_notes
  const seen: string[] = []
  const context = contextOn(fake)
  const finished = finish(context, {
    deployment: DEPLOYMENT,
    state: {
      sysId: change.sysId,
      number: change.number,
      created: true,
      supplied: false,
      phase: 'entered',
      times: [],
      ...state
    },
    result,
    settings: { lifecycleNotes: true, changeTasks: 'close', ...settings },
    onState: (one: Change) => void seen.push(one.state)
  })
  return { change, context, seen, finished }
}

/** The requests that write, without the notes' facts. */
const written = () => fake.writes.map(line => line.replace(/ Repository: .*?(?=\[gha)/, ' '))

describe('after the deployment', () => {
  it('a success closes the change, with the actual end, the notes and the close code', async () => {
    const { context, seen, finished } = start(ENTERED)
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
      expect((await start(ENTERED, { result }).finished).state).toBe('0')
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
    expect((await start(ENTERED, { settings: { onSuccess: 'review' } }).finished).state).toBe('0')
    expect(fake.writes.join('\n')).not.toContain('close_code')
  })

  it('a failure that is to be closed is closed as unsuccessful', async () => {
    const { finished } = start(ENTERED, { result: 'failure', settings: { onFailure: 'close' } })
    expect((await finished).fields.close_code?.value).toBe('unsuccessful')
  })

  it('no notes are written where none are requested', async () => {
    await start(ENTERED, { settings: { lifecycleNotes: false } }).finished
    expect(fake.writes.join('\n')).not.toContain('work_notes')
    expect(fake.get('sys-CHG0030001').state).toBe('3')
  })

  it('running it again changes nothing more', async () => {
    const { change, finished } = start(ENTERED)
    await finished
    fake.log.length = 0
    const context = contextOn(fake)
    const state: GateState = {
      sysId: change.sysId,
      number: change.number,
      created: true,
      supplied: false,
      phase: 'entered',
      times: []
    }
    const settings = { lifecycleNotes: true, changeTasks: 'close' } as const
    const onState = () => undefined
    const after = await finish(context, {
      deployment: DEPLOYMENT,
      state,
      result: 'success',
      settings,
      onState
    })
    expect(fake.writes).toEqual([])
    expect(context.events).toEqual([{ type: 'left-as-is', change: after }])
  })

  it('a change given by number is left with a note, and moved where that is requested', async () => {
    const supplied = { state: { supplied: true, created: false } }
    expect((await start(ENTERED, supplied).finished).state).toBe('-1')
    expect(written()).toEqual([
      expect.stringMatching(/^update CHG0030001 work_notes=Deployment to production ended: success\. /)
    ])
    const closing = start(ENTERED, { ...supplied, settings: { onSuccess: 'close' } })
    expect((await closing.finished).state).toBe('3')
  })

  it('a supplied change has its note even where lifecycle notes are off, any other has none', async () => {
    const settings = { lifecycleNotes: false, onSuccess: 'none' } as const
    await start(ENTERED, { state: { supplied: true }, settings }).finished
    expect(fake.writes).toHaveLength(1)
    const { change, finished, context } = start(ENTERED, { settings })
    expect((await finished).number).toBe(change.number)
    expect(fake.writes).toHaveLength(1)
    expect(context.told('left-as-is')).toHaveLength(1)
  })

  it.each(['3', '4'])(
    'a change that people ended meanwhile (%s) gets a note and is not moved',
    async state => {
      expect((await start({ ...ENTERED, state }).finished).state).toBe(state)
      expect(written()).toEqual([expect.stringMatching(/^update CHG0030001 work_notes=/)])
    }
  )

  it('a change that takes no notes any more is no reason to fail', async () => {
    fake.rule = ({ work_notes: _, ...fields }) => fields
    const { context, finished } = start({ ...ENTERED, state: '3' })
    expect((await finished).state).toBe('3')
    expect(context.told('takes-no-notes')).toMatchObject([{ change: { number: 'CHG0030001' } }])
    expect(context.told('left-as-is')).toHaveLength(1)
  })

  it('a note that is dropped or refused on an open change is a problem', async () => {
    fake.rule = ({ work_notes: _, ...fields }) => fields
    const settings = { onSuccess: 'none' } as const
    await problemOf(start(ENTERED, { settings }).finished, 'note-not-stored')
    fake.fail('update', clientProblem('role', { operation: 'noting' }))
    await problemOf(start({ ...ENTERED, state: '3' }).finished, 'role')
  })

  it('open tasks are closed, or fail the step', async () => {
    const task = { sysId: 't', number: 'CTASK1', shortDescription: 'Smoke test', state: '1', type: '' }
    fake.tasks.push({ changeSysId: 'sys-CHG0030001', task })
    fake.tasks.push({ changeSysId: 'sys-CHG0030002', task: { ...task, sysId: 'u' } })
    await start(ENTERED).finished
    expect(fake.writes).toContain(`task t state=3 close_code=successful close_notes=${LINE}: success`)
    await problemOf(start(ENTERED, { settings: { changeTasks: 'fail' } }).finished, 'open-tasks')
  })
})

describe('a change that another run has taken over', () => {
  const takenOver = { ...ENTERED, work_notes: journal(OURS, THEIRS) }

  it('is left with a note', async () => {
    const { context, finished } = start(takenOver)
    expect((await finished).state).toBe('-1')
    expect(written()).toEqual([
      expect.stringMatching(/^update CHG0030001 work_notes=Deployment to production ended/)
    ])
    expect(context.told('claimed-elsewhere')).toMatchObject([{ change: { number: 'CHG0030001' } }])
  })

  it('is finished where the journal cannot be read: this run did claim it', async () => {
    fake.rule = (fields, row) => {
      const { work_notes: _, ...rest } = fields
      delete row.work_notes
      return rest
    }
    expect((await start(takenOver, { unreadable: true }).finished).state).toBe('3')
    expect(fake.writes.filter(line => line.includes('work_notes'))).toHaveLength(1)
  })

  it('was not, where an earlier attempt of this run holds it', async () => {
    expect((await start({ ...ENTERED, work_notes: journal(EARLIER_ATTEMPT) }).finished).state).toBe('3')
  })
})

describe('a gate that was killed while it claimed', () => {
  const state = { phase: 'entering' } as const

  it('had claimed, by the journal', async () => {
    expect((await start(ENTERED, { state }).finished).state).toBe('3')
  })

  it.each<[string, Record<string, Cell>]>([
    ['had not', { ...ENTERED, state: '-2', work_notes: '' }],
    ['had lost', { ...ENTERED, work_notes: journal(OURS, THEIRS) }]
  ])('%s, by the journal', async (_, cells) => {
    await start(cells, { state, result: 'failure' }).finished
    expect(written()).toEqual([
      expect.stringMatching(/work_notes=Not deployed to production: the gate did not open \(job failure\)/)
    ])
  })
})

describe('before the deployment', () => {
  const before = { phase: 'before', outcome: 'timeout' } as const
  const requested = { state: '-4', approval: 'requested' }
  const row = (state: string): Approval => ({ approver: 'Kim', group: '', state, comments: '', at: '' })

  it.each<JobResult>(['failure', 'success'])('a %s leaves the change with a note', async result => {
    expect((await start(requested, { state: before, result }).finished).state).toBe('-4')
    expect(written()).toEqual([
      expect.stringMatching(
        new RegExp(`work_notes=Not deployed to production: the gate ended with timeout \\(job ${result}\\)`)
      )
    ])
  })

  it('a canceled job cancels the change that it made, while nobody has decided', async () => {
    fake.approverRows = [row('requested')]
    const { context, finished } = start(requested, { state: before, result: 'cancelled' })
    expect((await finished).state).toBe('4')
    expect(written()).toEqual([
      expect.stringMatching(/^update CHG0030001 state=4 work_notes=Not deployed to/)
    ])
    expect(context.told('finished')).toMatchObject([{ result: 'cancelled' }])
  })

  it.each<[string, Record<string, Cell>, Partial<GateState>, readonly Approval[] | undefined, string]>([
    ['the rows cannot be read', requested, {}, undefined, '4'],
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
    ['one of its approvers approved', requested, {}, [row('requested'), row('approved')], '-4'],
    ['one of its approvers rejected', requested, {}, [row('Rejected')], '-4'],
    ['the work has begun', { state: '-1', approval: 'not requested' }, {}, [], '-1'],
    ['the work is done', { state: '0', approval: 'not requested' }, {}, [], '0'],
    ['its state is the instance’s own', { state: ['107', 'Testing'] }, {}, [], '107']
  ])('a canceled job whose change is such that %s', async (_, cells, state, rows, after) => {
    fake.approverRows = rows
    const { finished } = start(cells, { state: { ...before, ...state }, result: 'cancelled' })
    expect((await finished).state).toBe(after)
    expect(fake.writes).toHaveLength(1)
  })

  it('nothing is written to a change that another run has', async () => {
    const state = { phase: 'before', outcome: 'in-use' } as const
    const { context, change, finished } = start(ENTERED, { state, result: 'cancelled' })
    expect((await finished).number).toBe(change.number)
    expect(fake.writes).toEqual([])
    expect(context.told('left-as-is')).toHaveLength(1)
  })
})
