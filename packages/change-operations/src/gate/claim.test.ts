import { formatClaim, formatLostClaim, holderOf } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { noteText } from '../notes.ts'
import { bindingNote } from '../own/binding-note.ts'
import { bindingLine } from '../own/identity.ts'
import { notesByText } from '../own/own-notes.ts'
import { contextOn, problemOf } from '../testing/context.ts'
import { DEPLOYMENT, IDENTITY } from '../testing/deployment.ts'
import { APIS, LOST, startInstance, type TestInstance } from '../testing/instance.ts'
import { type Entry, enterImplement } from './claim.ts'
import { claimOf } from './claims.ts'

const READY = { state: '-2', approval: 'approved' }
const BEGUN = { ...READY, state: '-1' }
const FIRST_ATTEMPT = { ...DEPLOYMENT, attempt: '1' }
const IDENTITY_1 = { ...IDENTITY, deployment: FIRST_ATTEMPT }
const { scope: SCOPE } = claimOf(FIRST_ATTEMPT)
const claim = (runId: string, attempt = '1', scope = SCOPE) => ({ runId, attempt, scope })
const mark = (generation: number, runId: string, attempt = '1', scope = SCOPE) =>
  formatClaim({ generation, ...claim(runId, attempt, scope) })
/** A note that ends with a marker. */
const noteWith = (marker: string) => `Deployment started.\n${marker}`
const notesWith = (...markers: string[]) => markers.map(noteWith)

const { scope: OTHER_SCOPE } = claimOf({ ...DEPLOYMENT, environment: 'staging' })
/** With it the journal counts as readable. */
const BOUND_NOTE = noteText(bindingNote(DEPLOYMENT, 'bound'))

let instance: TestInstance

/** The claims that the notes of a change show, oldest first. */
function claimsOn(change: Change) {
  return notesByText(change, IDENTITY)?.claims ?? []
}

const policy = {
  proceedStates: ['scheduled', 'implement'],
  waitStates: ['new'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: false
} as const satisfies Entry['policy']

function enter(change: Change, more: Partial<Entry> = {}) {
  const context = contextOn(instance)
  const entry: Entry = {
    change,
    identity: IDENTITY_1,
    lifecycleNotes: false,
    policy,
    takeOver: false,
    runIsOver: async () => undefined,
    ...more
  }
  return { context, entered: enterImplement(context, entry) }
}

/** Another run claims the change at the moment of this one's claim: after it, or just before it. */
function otherClaim(change: Change, runId: string, order: 'after' | 'before') {
  let done = false
  const claimOnce = () => {
    if (!done) instance.set(change, { work_notes: noteWith(mark(1, runId)) })
    done = true
  }
  if (order === 'after') instance.after('update', claimOnce)
  else
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'Claimed in this moment',
      run: () => {
        claimOnce()
        return undefined
      }
    })
}

describe.each(APIS)('entering Implement (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('claims with the move, in one request, and reads the claim back', async () => {
    const { change, claimed } = await enter(await instance.add(READY)).entered
    expect(claimed).toBe(true)
    expect(change.state).toBe('-1')
    expect(instance.writes).toEqual([
      expect.stringMatching(
        /^update CHG0030001 state=-1 work_notes=Claimed by run 1001\. \[gha2 claim 1 1001 1 [\w.]+\]$/
      )
    ])
    expect(instance.log.at(-1)).toMatch(/^get /)
  })

  it('tells people about the deployment with the claim, where they are to be told', async () => {
    await enter(await instance.add(READY), { lifecycleNotes: true }).entered
    expect(instance.writes[0]).toMatch(
      /work_notes=Deployment to production started\. Repository: acme\/shop .* Actor: octocat \[gha2 claim 1 1001 1 [\w.]+\]$/
    )
  })

  it('tells of the move before the claim is read back', async () => {
    const told: string[] = []
    await enter(await instance.add(READY), {
      onMoved: change => void told.push(`${change.state} ${instance.log.length}`)
    }).entered
    expect(told).toEqual([`-1 ${instance.log.length - 1}`])
  })

  it('writes the claim alone where the change is in Implement already', async () => {
    await enter(await instance.add(BEGUN)).entered
    expect(instance.writes).toEqual([expect.stringMatching(/^update CHG0030001 work_notes=/)])
  })

  it('is told just before the first write, and never when something prevents it', async () => {
    const told: number[] = []
    const onEnter = () => void told.push(instance.writes.length)
    await enter(await instance.add(READY), { onEnter }).entered
    const held = enter(await instance.add({ ...READY, on_hold: 'true' }), { onEnter })
    await problemOf(held.entered, 'changed-after-approval')
    const claimed = enter(await instance.add(READY, notesWith(mark(1, '7'))), { onEnter })
    await problemOf(claimed.entered, 'in-use')
    expect(told).toEqual([0])
  })

  it.each(['after', 'before'] as const)('against another run that claims at once, %s', async order => {
    const change = await instance.add(READY)
    otherClaim(change, '1002', order)
    const { entered } = enter(change)
    if (order === 'after') {
      expect((await entered).change.state).toBe('-1')
      expect(instance.writes).toHaveLength(1)
      return
    }
    expect(await problemOf(entered, 'in-use')).toMatchObject({
      outcome: 'in-use',
      subject: { number: 'CHG0030001' },
      facts: { why: { holder: { ...claim('1002'), generation: 1 }, own: false } }
    })
    expect(instance.writes.at(-1)).toMatch(
      /Run 1001 \(attempt 1\) did not deploy: run 1002 claimed the change first/
    )
    expect(holderOf(claimsOn(await instance.read(change)))?.runId).toBe('1002')
  })

  it('keeps its problem when the note of it cannot be written', async () => {
    const change = await instance.add(READY)
    otherClaim(change, '1002', 'before')
    const { entered, context } = enter(change)
    instance.fail('update', LOST, { kind: 'acl' })
    await problemOf(entered, 'in-use')
    expect(context.told('lost-claim-not-noted')).toMatchObject([{ change: { number: 'CHG0030001' } }])
  })

  it('is refused without a name when no claim can be read back', async () => {
    const { entered, context } = enter(await instance.add(BEGUN))
    const { sandbox } = instance
    context.at(1_000, () => {
      for (const note of sandbox.rows('sys_journal_field')) sandbox.remove('sys_journal_field', note.sys_id)
    })
    const { facts } = await problemOf(entered, 'in-use')
    expect(facts).toEqual({ why: { code: 'claimed', holder: undefined, own: false } })
    expect(instance.writes.at(-1)).toMatch(
      /Run 1001 \(attempt 1\) did not deploy: another run claimed the change first/
    )
  })

  it('goes on with a claim of the same run, with a note for each attempt', async () => {
    const change = await instance.add(BEGUN, notesWith(mark(1, '1001')))
    const first = enter(change)
    expect((await first.entered).claimed).toBe(false)
    expect(instance.writes).toEqual([])
    expect(first.context.told('already-claimed')).toMatchObject([{ change: { number: 'CHG0030001' } }])
    const again = await enter(change, { identity: IDENTITY }).entered
    expect(again.claimed).toBe(true)
    expect(claimsOn(again.change).map(one => [one.generation, one.attempt])).toEqual([
      [1, '1'],
      [1, '2']
    ])
  })

  it('takes the next generation after a run that has completed, or by force', async () => {
    const taken = () => instance.add(BEGUN, notesWith(mark(1, '7')))
    const inherited = enter(await taken(), { runIsOver: async id => id === '7' })
    const { change } = await inherited.entered
    expect(holderOf(claimsOn(change))).toEqual({ ...claim('1001'), generation: 2 })
    expect(inherited.context.told('claim-inherited')).toMatchObject([{ runId: '7' }])
    const forced = enter(await taken(), { takeOver: true })
    expect(holderOf(claimsOn((await forced.entered).change))?.runId).toBe('1001')
    expect(forced.context.told('claim-taken-over')).toMatchObject([{ runId: '7' }])
    expect(forced.context.told('claim-inherited')).toEqual([])
  })

  it.each([
    ['is at work', async () => false],
    ['cannot be looked up', async () => undefined]
  ])('leaves a change whose run %s', async (_, runIsOver) => {
    const change = await instance.add(BEGUN, notesWith(mark(1, '7', '3')))
    const { facts } = await problemOf(enter(change, { runIsOver }).entered, 'in-use')
    const holder = { ...claim('7', '3'), generation: 1 }
    expect(facts).toEqual({ why: { code: 'claimed', holder, own: false } })
    expect(instance.writes).toEqual([])
  })

  it('looks up no run but the one that has the change', async () => {
    const lookedUp: string[] = []
    const runIsOver = async (id: string) => {
      lookedUp.push(id)
      return false
    }
    instance = startInstance({ api, readableJournal: true })
    const change = await instance.add(READY, [BOUND_NOTE])
    for (const [generation, run] of [
      [1, '7'],
      [2, '8'],
      [2, '9'],
      [1, '6']
    ] as const) {
      instance.clock.advance(1_000)
      instance.writeNote(change, noteWith(mark(generation, run)))
    }
    await problemOf(enter(change, { runIsOver }).entered, 'in-use')
    expect(lookedUp).toEqual(['8'])
  })

  it('keeps environments of one run apart', async () => {
    const change = await instance.add(READY, notesWith(mark(1, '1001', '1', OTHER_SCOPE)))
    const { facts } = await problemOf(enter(change, { runIsOver: async () => true }).entered, 'in-use')
    expect(facts).toMatchObject({ why: { holder: { scope: OTHER_SCOPE }, own: true } })
    expect(instance.writes).toEqual([])
  })

  it('cannot do without the journal', async () => {
    instance = startInstance({ api, unreadableFields: ['work_notes'] })
    const problem = await problemOf(enter(await instance.add(READY)).entered, 'notes-unreadable')
    expect(problem).toMatchObject({ outcome: 'error', subject: { number: 'CHG0030001' }, facts: {} })
    expect(instance.writes).toEqual([])
  })

  it.each<[Record<string, string>, string, string]>([
    [{ approval: 'requested', state: '-3' }, 'unexpected-state', 'unexpected-state'],
    [{ on_hold: 'true' }, 'unexpected-state', 'on-hold'],
    [{ state: '4' }, 'canceled', 'canceled'],
    [{ approval: 'rejected' }, 'rejected', 'rejected'],
    [{ approval: 'not requested', state: '-5' }, 'withdrawn', 'withdrawn'],
    [{ end_date: '2026-11-21 11:59:59' }, 'window-closed', 'window-over'],
    [{ start_date: '2026-11-21 12:00:01' }, 'window-not-open', 'window-opens-late'],
    [
      { start_date: '2026-11-21 13:00:00', end_date: '2026-11-21 12:30:00' },
      'window-not-open',
      'window-reversed'
    ],
    [{ state: '0' }, 'unexpected-state', 'unexpected-state']
  ])('reads the change once more: %j', async (fields, outcome, reason) => {
    const change = await instance.add(READY)
    instance.set(change, fields)
    const { entered } = enter(change, { policy })
    const problem = await problemOf(entered, 'changed-after-approval')
    expect(problem).toMatchObject({ outcome, facts: { reason: { code: reason } } })
    expect(instance.writes).toEqual([])
  })
})

/** A note that somebody else writes. */
function forge(change: Change, ...markers: string[]) {
  for (const marker of markers) instance.set(change, { work_notes: noteWith(marker) })
}

describe.each(APIS)('where the journal tells who wrote a note (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api, readableJournal: true })
  })

  it('claims that others wrote do not count', async () => {
    const change = await instance.add(READY, [BOUND_NOTE])
    forge(change, mark(999_999, '7'), mark(1, '8'))
    expect((await enter(change).entered).claimed).toBe(true)
    const { entered, context } = enter(change)
    expect((await entered).claimed).toBe(false)
    expect(context.told('already-claimed')).toHaveLength(1)
  })

  it('no forged claim of this run passes over the claim of another one', async () => {
    const change = await instance.add(READY, [BOUND_NOTE, ...notesWith(mark(1, '7'))])
    forge(change, mark(2, '1001'))
    const { facts } = await problemOf(enter(change).entered, 'in-use')
    expect(facts).toMatchObject({ why: { holder: { runId: '7' } } })
  })

  it('those of a trusted account do count', async () => {
    const change = await instance.add(READY, [BOUND_NOTE])
    forge(change, mark(1, '7'))
    const identity = { ...IDENTITY_1, trustedAccounts: ['ADMIN'] }
    const { facts } = await problemOf(enter(change, { identity }).entered, 'in-use')
    expect(facts).toMatchObject({ why: { holder: { runId: '7' } } })
  })

  it('a journal without our own note does not count: its rows may be hidden', async () => {
    const change = await instance.add(READY)
    forge(change, mark(1, '7'))
    await problemOf(enter(change).entered, 'in-use')
  })
})

describe.each(APIS)('where it is not known who wrote a note (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('any claim of another run counts, and taking over recovers', async () => {
    const change = await instance.add(READY, [BOUND_NOTE])
    forge(change, mark(1, '7'), mark(2, '1001'))
    await problemOf(enter(change).entered, 'in-use')
    expect((await enter(change, { takeOver: true }).entered).change.state).toBe('-1')
  })

  it('with a key only signed claims count, and these in full', async () => {
    const identity = { ...IDENTITY_1, bindingKey: 'secret' }
    const signed = (change: Change, generation: number, runId: string) =>
      formatClaim({ generation, ...claim(runId) }, { key: 'secret', sysId: change.sysId })
    const line = (id: string) => bindingLine(identity, { instance: 'https://acme.service-now.com' }, id)
    const bound = { ...READY, correlation_id: 'gha-1', correlation_display: line('gha-1') }
    const free = await instance.add(bound)
    forge(free, mark(1, '7'), signed({ sysId: 'b'.repeat(32) } as Change, 1, '7'))
    expect((await enter(free, { identity }).entered).claimed).toBe(true)
    expect(claimsOn(await instance.read(free))).toHaveLength(3)
    const taken = await instance.add(bound)
    forge(taken, signed(taken, 1, '7'), mark(9, '1001'))
    await problemOf(enter(taken, { identity }).entered, 'in-use')
    forge(taken, signed(taken, 2, '1001'))
    expect((await enter(taken, { identity }).entered).claimed).toBe(false)
  })
})

describe('the claims on a change', () => {
  beforeEach(() => {
    instance = startInstance()
  })

  it('are read to the letter', async () => {
    const text = ['[gha2 claim 1 7 1 0123]', `[gha claim x 7 1 ${SCOPE}]`, '[gha 3f2a9c41b07d]', mark(1, '7')]
    expect(claimsOn(await instance.add({}, notesWith(...text)))).toEqual([{ ...claim('7'), generation: 1 }])
    expect(holderOf([])).toBeUndefined()
  })

  it('a lost one is none', async () => {
    const lost = formatLostClaim({ generation: 1, ...claim('7') })
    expect(claimsOn(await instance.add({}, notesWith(lost)))).toEqual([])
  })

  it('are held by the first of the latest generation', async () => {
    const text = [mark(2, '8'), mark(1, '7'), mark(2, '9')]
    const claims = claimsOn(await instance.add({}, notesWith(...text)))
    expect(claims.map(one => one.runId)).toEqual(['8', '7', '9'])
    expect(holderOf(claims)?.runId).toBe('8')
  })

  it('are those of a deployment, or of run 0 away from a CI system', () => {
    expect(claimOf(DEPLOYMENT)).toEqual(claim('1001', '2'))
    expect(claimOf({ ...DEPLOYMENT, run: '', attempt: '' })).toEqual(claim('0', '1'))
    expect(claimOf({ ...DEPLOYMENT, environment: 'staging' }).scope).not.toBe(SCOPE)
  })
})
