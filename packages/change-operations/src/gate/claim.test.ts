import { formatClaim, formatLostClaim } from '@change-actions/change-control'
import { type Change, clientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { DEPLOYMENT } from '../testing/deployment.ts'
import { contextOn, problemOf } from '../testing/fake-context.ts'
import { FakeInstance } from '../testing/fake-instance.ts'
import type { Cell } from '../testing/fake-records.ts'
import { journal } from '../testing/journal.ts'
import { type Entry, enterImplement } from './claim.ts'
import { claimOf, holderOf, isSameRun, readClaims } from './claims.ts'

const READY: Record<string, Cell> = { state: '-2', approval: 'approved', work_start: '' }
const FIRST_ATTEMPT = { ...DEPLOYMENT, attempt: '1' }
const { scope: SCOPE } = claimOf(FIRST_ATTEMPT)
const claim = (runId: string, attempt = '1', scope = SCOPE) => ({ runId, attempt, scope })
const mark = (generation: number, runId: string, attempt = '1', scope = SCOPE) =>
  formatClaim({ generation, ...claim(runId, attempt, scope) })

let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

const policy = {
  proceedStates: ['scheduled', 'implement'],
  waitStates: ['new'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: false
} as const satisfies Entry['policy']

function enter(change: Change, more: Partial<Entry> = {}) {
  const context = contextOn(fake)
  const entry: Entry = {
    change,
    deployment: FIRST_ATTEMPT,
    lifecycleNotes: false,
    policy,
    takeOver: false,
    runIsOver: async () => undefined,
    ...more
  }
  return { context, entered: enterImplement(context, entry) }
}

/** Another run writes at the moment of this one's claim: after it, or just before it. */
function otherClaim(runId: string, order: 'after' | 'before') {
  let done = false
  fake.after = (verb, row) => {
    if (verb !== 'update' || row === undefined || done) return
    done = true
    const [, ours = ''] = /(\[gha claim [^\]]*\])/.exec(row.work_notes?.display ?? '') ?? []
    const both = [ours, mark(1, runId)]
    fake.set(row, { work_notes: journal(...(order === 'after' ? both : both.toReversed())) })
  }
}

describe('entering Implement', () => {
  it('claims with the move, in one request, and reads the claim back', async () => {
    const { change, claimed } = await enter(fake.add(READY)).entered
    expect(claimed).toBe(true)
    expect(change.state).toBe('-1')
    expect(fake.writes).toEqual([
      expect.stringMatching(
        /^update CHG0030001 state=-1 work_notes=Claimed by run 1001\. \[gha claim 1 1001 1 \w+\]$/
      )
    ])
    expect(fake.log.at(-1)).toMatch(/^get /)
  })

  it('tells people about the deployment with the claim, where they are to be told', async () => {
    await enter(fake.add(READY), { lifecycleNotes: true }).entered
    expect(fake.writes[0]).toMatch(
      /work_notes=Deployment to production started\. Repository: acme\/shop .* Actor: octocat \[gha claim 1 1001 1 \w+\]$/
    )
  })

  it('tells of the move before the claim is read back', async () => {
    const told: string[] = []
    await enter(fake.add(READY), { onMoved: change => void told.push(`${change.state} ${fake.log.length}`) })
      .entered
    expect(told).toEqual([`-1 ${fake.log.length - 1}`])
  })

  it('writes the claim alone where the change is in Implement already', async () => {
    await enter(fake.add({ ...READY, state: '-1' })).entered
    expect(fake.writes).toEqual([expect.stringMatching(/^update CHG0030001 work_notes=/)])
  })

  it('is told just before the first write, and never when something prevents it', async () => {
    const told: number[] = []
    const onEnter = () => void told.push(fake.writes.length)
    await enter(fake.add(READY), { onEnter }).entered
    const held = enter(fake.add({ ...READY, on_hold: 'true' }), { onEnter })
    await problemOf(held.entered, 'changed-after-approval')
    const claimed = enter(fake.add({ ...READY, work_notes: journal(mark(1, '7')) }), { onEnter })
    await problemOf(claimed.entered, 'in-use')
    expect(told).toEqual([0])
  })

  it.each(['after', 'before'] as const)('against another run that claims at once, %s', async order => {
    otherClaim('1002', order)
    const { entered } = enter(fake.add(READY))
    if (order === 'after') {
      expect((await entered).change.state).toBe('-1')
      expect(fake.writes).toHaveLength(1)
      return
    }
    expect(await problemOf(entered, 'in-use')).toMatchObject({
      outcome: 'in-use',
      subject: { number: 'CHG0030001' },
      facts: { holder: { ...claim('1002'), generation: 1 }, own: false }
    })
    expect(fake.writes.at(-1)).toMatch(
      /Run 1001 \(attempt 1\) did not deploy: run 1002 claimed the change first/
    )
    const [change] = fake.rows.map(row => fake.get(row.sys_id?.value ?? ''))
    expect(change && holderOf(readClaims(change) ?? [])?.runId).toBe('1002')
  })

  it('keeps its problem when the note of it cannot be written', async () => {
    otherClaim('1002', 'before')
    const { entered, context } = enter(fake.add(READY))
    fake.fail('update', 'lost', clientProblem('role', { operation: 'adding a work note' }))
    await problemOf(entered, 'in-use')
    expect(context.told('lost-claim-not-noted')).toMatchObject([{ change: { number: 'CHG0030001' } }])
  })

  it('is refused without a name when no claim can be read back', async () => {
    const change = fake.add({ ...READY, state: '-1' })
    const { entered, context } = enter(change)
    context.at(1_000, () => fake.set(change, { work_notes: journal() }))
    const { facts } = await problemOf(entered, 'in-use')
    expect(facts).toEqual({ holder: undefined, own: false })
    expect(fake.writes.at(-1)).toMatch(
      /Run 1001 \(attempt 1\) did not deploy: another run claimed the change first/
    )
  })

  it('goes on with a claim of the same run, with a note for each attempt', async () => {
    const change = fake.add({ ...READY, state: '-1', work_notes: journal(mark(1, '1001')) })
    const first = enter(change)
    expect((await first.entered).claimed).toBe(false)
    expect(fake.writes).toEqual([])
    expect(first.context.told('already-claimed')).toMatchObject([{ change: { number: 'CHG0030001' } }])
    const again = await enter(change, { deployment: DEPLOYMENT }).entered
    expect(again.claimed).toBe(true)
    expect(readClaims(again.change)?.map(one => [one.generation, one.attempt])).toEqual([
      [1, '1'],
      [1, '2']
    ])
  })

  it('takes the next generation after a run that has completed, or by force', async () => {
    const taken = { ...READY, state: '-1', work_notes: journal(mark(1, '7')) }
    const inherited = enter(fake.add(taken), { runIsOver: async id => id === '7' })
    const { change } = await inherited.entered
    expect(holderOf(readClaims(change) ?? [])).toEqual({ ...claim('1001'), generation: 2 })
    expect(inherited.context.told('claim-inherited')).toMatchObject([{ runId: '7' }])
    const forced = enter(fake.add(taken), { takeOver: true })
    expect(holderOf(readClaims((await forced.entered).change) ?? [])?.runId).toBe('1001')
    expect(forced.context.told('claim-taken-over')).toMatchObject([{ runId: '7' }])
    expect(forced.context.told('claim-inherited')).toEqual([])
  })

  it.each([
    ['is at work', async () => false],
    ['cannot be looked up', async () => undefined]
  ])('leaves a change whose run %s', async (_, runIsOver) => {
    const change = fake.add({ ...READY, state: '-1', work_notes: journal(mark(1, '7', '3')) })
    const { facts } = await problemOf(enter(change, { runIsOver }).entered, 'in-use')
    expect(facts).toEqual({ holder: { ...claim('7', '3'), generation: 1 }, own: false })
    expect(fake.writes).toEqual([])
  })

  it('looks up no run but the one that has the change', async () => {
    const lookedUp: string[] = []
    const runIsOver = async (id: string) => {
      lookedUp.push(id)
      return false
    }
    const lost = journal(mark(1, '7'), mark(2, '8'), mark(2, '9'), mark(1, '6'))
    await problemOf(enter(fake.add({ ...READY, work_notes: lost }), { runIsOver }).entered, 'in-use')
    expect(lookedUp).toEqual(['8'])
  })

  it('keeps environments of one run apart', async () => {
    const change = fake.add({ ...READY, work_notes: journal(mark(1, '1001', '1', 'ffffffffffff')) })
    const { facts } = await problemOf(enter(change, { runIsOver: async () => true }).entered, 'in-use')
    expect(facts).toMatchObject({ holder: { scope: 'ffffffffffff' }, own: true })
    expect(fake.writes).toEqual([])
  })

  it('cannot do without the journal', async () => {
    const change = fake.add(READY)
    delete fake.rows[0]?.work_notes
    const problem = await problemOf(enter(change).entered, 'notes-unreadable')
    expect(problem).toMatchObject({ outcome: 'error', subject: { number: 'CHG0030001' }, facts: {} })
    expect(fake.writes).toEqual([])
  })

  it.each([
    [{ approval: 'requested', state: '-3' }, 'unexpected-state', 'unexpected-state'],
    [{ on_hold: 'true' }, 'unexpected-state', 'on-hold'],
    [{ state: '4' }, 'canceled', 'canceled'],
    [{ approval: 'rejected' }, 'rejected', 'rejected'],
    [{ approval: 'not requested', state: '-5' }, 'withdrawn', 'withdrawn'],
    [{ end_date: '2026-11-21 11:59:59' }, 'window-closed', 'window-over'],
    [{ start_date: '2026-11-21 12:00:01' }, 'window-not-open', 'window-opens-late'],
    [{ state: '0' }, 'unexpected-state', 'unexpected-state']
  ])('reads the change once more: %j', async (cells, outcome, reason) => {
    const change = fake.add(READY)
    fake.set(change, cells)
    const { entered } = enter(change, { policy })
    const problem = await problemOf(entered, 'changed-after-approval')
    expect(problem).toMatchObject({ outcome, facts: { reason: { code: reason } } })
    expect(fake.writes).toEqual([])
  })
})

describe('the claims in a journal', () => {
  it('are read to the letter', () => {
    const text = ['[gha claim 1 7 1 0123]', `[gha claim x 7 1 ${SCOPE}]`, '[gha 3f2a9c41b07d]', mark(1, '7')]
    expect(readClaims(fake.add({ work_notes: journal(...text) }))).toEqual([{ ...claim('7'), generation: 1 }])
    expect(holderOf([])).toBeUndefined()
  })

  it('a lost one is none', () => {
    const lost = formatLostClaim({ generation: 1, ...claim('7') })
    expect(readClaims(fake.add({ work_notes: journal(lost) }))).toEqual([])
  })

  it('are held by the first of the latest generation', () => {
    const text = [mark(2, '8'), mark(1, '7'), mark(2, '9')]
    const claims = readClaims(fake.add({ work_notes: journal(...text) })) ?? []
    expect(claims.map(one => one.runId)).toEqual(['8', '7', '9'])
    expect(holderOf(claims)?.runId).toBe('8')
  })

  it('are of one run in whatever attempt, and of one environment', () => {
    expect(isSameRun(claim('7'), claim('7', '2'))).toBe(true)
    expect(isSameRun(claim('7'), claim('8'))).toBe(false)
    expect(isSameRun(claim('7'), claim('7', '1', 'ffffffffffff'))).toBe(false)
  })

  it('are those of a deployment, or of run 0 away from a CI system', () => {
    expect(claimOf(DEPLOYMENT)).toEqual(claim('1001', '2'))
    expect(claimOf({ ...DEPLOYMENT, run: '', attempt: '' })).toEqual(claim('0', '1'))
    expect(claimOf({ ...DEPLOYMENT, environment: 'staging' }).scope).not.toBe(SCOPE)
  })
})
