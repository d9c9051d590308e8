/** Which change is waited for, which inputs are refused, and what a dry run does. */
import { describe, expect, it } from '@jest/globals'
import { definition as createChange } from '../../create-change/src/main.ts'
import { inWorld } from '../../testing/perform.ts'
import { definition } from './main.ts'

const DEPLOYMENT = { 'short-description': 'Deploy', 'assignment-group': 'DevOps Team' }
const ONCE = { timeout: '0' }
const SCHEDULED = { state: '-2', approval: 'approved' }

describe('the change', () => {
  it('is the one that an earlier step of the job made', () =>
    inWorld({ autoApproveAfterMs: 600_000 }, async ({ perform }) => {
      const created = await perform(createChange, { inputs: DEPLOYMENT })
      const step = await perform(definition, { inputs: ONCE })
      expect(step.outputs['change-number']).toBe(created.outputs['change-number'])
    }))

  it('is the one that a variable of the job names, where this run made it', () =>
    inWorld({}, async ({ plant, plantOwn, perform }) => {
      const { number, sysId } = plantOwn(SCHEDULED)
      const env = { SERVICENOW_CHANGE_SYS_ID: sysId, SERVICENOW_CHANGE_NUMBER: number }
      const step = await perform(definition, { env })
      expect(step.outputs).toMatchObject({ approved: 'true', 'change-number': number })
      const foreign = plant(SCHEDULED)
      const refused = await perform(definition, { env: { SERVICENOW_CHANGE_SYS_ID: foreign.sysId } })
      expect(refused.outputs).toMatchObject({ approved: 'false', outcome: 'foreign-change' })
      expect(refused.failure?.text).toContain('change-sys-id: ${{ steps.<id>.outputs.change-sys-id }}')
      const tolerated = await perform(definition, {
        env: { SERVICENOW_CHANGE_SYS_ID: foreign.sysId },
        inputs: { 'fail-when-not-approved': 'false' }
      })
      expect(tolerated.failure).toBeUndefined()
      expect(tolerated.outputs).toMatchObject({ approved: 'false', outcome: 'foreign-change' })
    }))

  it('is named by sys_id, by number, or by both', () =>
    inWorld({}, async ({ plant, perform }) => {
      const { number, sysId } = plant(SCHEDULED)
      const other = plant(SCHEDULED)
      for (const inputs of [
        { 'change-sys-id': sysId },
        { 'change-number': number },
        { 'change-sys-id': sysId, 'change-number': number }
      ]) {
        const env = { SERVICENOW_CHANGE_SYS_ID: other.sysId }
        const step = await perform(definition, { inputs, env })
        expect(step.outputs).toMatchObject({ approved: 'true', 'change-number': number })
      }
    }))

  it('is refused when sys_id and number name two changes', () =>
    inWorld({}, async ({ plant, perform }) => {
      const inputs = { 'change-sys-id': plant(SCHEDULED).sysId, 'change-number': plant(SCHEDULED).number }
      const step = await perform(definition, { inputs })
      expect(step.failure?.title).toBe('Input error')
      expect(step.outputs.approved).toBe('false')
    }))

  it('must be there', () =>
    inWorld({}, async ({ perform }) => {
      const step = await perform(definition, { inputs: { 'change-number': 'CHG0099999' } })
      expect(step.failure?.text).toContain('there is no change CHG0099999')
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'error' })
    }))
})

it.each([
  ['no change is named', {}, 'No change is named'],
  ['a number has another form', { 'change-number': 'latest' }, '`change-number` must be a number'],
  ['the commit is shortened', { commit: '65dbbed' }, '`commit` must be a full commit id'],
  [
    'a change that is over could be deployed under',
    { 'proceed-states': 'scheduled, closed' },
    '`proceed-states` cannot hold closed'
  ],
  [
    'an approver is asked for, and no approval',
    { 'require-approval': 'false', 'self-approval': 'refuse' },
    '`self-approval: refuse` needs an approval'
  ],
  ['two ways to sign in are given', { token: 'secret-token', 'api-key': 'k' }, 'Several sets of credentials'],
  ['a duration is none', { timeout: 'soon' }, '`timeout`']
])('nothing is sent when %s', (_, inputs, text) =>
  inWorld({}, async ({ sandbox, perform }) => {
    const step = await perform(definition, { inputs: inputs as Record<string, string> })
    expect(step.failure?.title).toBe('Input error')
    expect(step.failure?.text).toContain(text)
    expect(step.outputs).toEqual({ approved: 'false', outcome: 'error' })
    expect(sandbox.requests).toEqual([])
  })
)

describe('a dry run', () => {
  const DRY = { 'dry-run': 'true' }

  it('checks once, says what the outcome would be, and fails: nothing may be deployed after it', () =>
    inWorld({}, async ({ plant, perform }) => {
      for (const [fields, outcome] of [
        [SCHEDULED, 'approved: state Scheduled, approval approved'],
        [{ state: '-4', approval: 'requested' }, 'timeout: waiting for approval: state Assess'],
        [{ state: '4' }, 'canceled: the change was canceled']
      ] as const) {
        const { number } = plant(fields)
        const step = await perform(definition, { inputs: { ...DRY, 'change-number': number } })
        expect(step.failure?.title).toBe(`Change ${number}: dry-run`)
        expect(step.failure?.text).toMatch(
          /^All checks of this dry run were right\. .*nothing may be deployed after a dry run\.\n/
        )
        expect(step.failure?.text).toContain(`${number} was checked once; the outcome would be ${outcome}`)
        expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'dry-run', polls: '1' })
        expect(step.summary).toMatch(/^## CHG\d+: dry run/)
        expect(JSON.parse(step.outputs.metrics ?? '').result).toBe('dry-run')
      }
    }))

  it('fails without a change too: the step before would have made it', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      const step = await perform(definition, { inputs: DRY })
      expect(step.failure?.title).toBe('Change not created: dry-run')
      expect(step.failure?.text).toContain('nothing may be deployed after a dry run')
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'dry-run' })
      expect(step.info).toContain(
        'Dry run: would wait for the approval of the change that the earlier step would have created.'
      )
      expect(step.summary).toContain('wait for the approval of the change')
      expect(JSON.parse(step.outputs.metrics ?? '').result).toBe('dry-run')
      expect(sandbox.requests).toEqual([])
    }))

  it('passes with a warning where the step is told not to fail', () =>
    inWorld({}, async ({ plant, perform }) => {
      for (const named of [{}, { 'change-number': plant(SCHEDULED).number }]) {
        const inputs = { ...DRY, ...named, 'fail-when-not-approved': 'false' }
        const step = await perform(definition, { inputs })
        expect(step.failure).toBeUndefined()
        expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'dry-run' })
        expect(step.warnings.at(-1)).toContain('nothing may be deployed after a dry run')
      }
    }))
})
