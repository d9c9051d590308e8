/** What the gate asks for: the policy file, inputs that are refused, defaults, and dry runs. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { inWorld } from '../../testing/perform.ts'
import { NOTHING_SAVED } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

const NORMAL = { environment: 'production', 'assignment-group': 'DevOps Team' }
const STANDARD = { environment: 'production', 'standard-change-template': 'app-deployment-template' }
const ONCE = { timeout: '0' }
const UNDECIDED = { autoApproveAfterMs: 600_000 }
const NO_INSTANCE = { SERVICENOW_INSTANCE: '', SERVICENOW_CLIENT_ID: '', SERVICENOW_CLIENT_SECRET: '' }

const POLICY = `title: 'Release {version} of {repository} in {environment}'
defaults: { assignment-group: Platform Team }
environments:
  production: { risk: low }
  dev: { change-controlled: false }
`

const FACTS = {
  repository: 'acme/shop',
  path: '.github/servicenow-change.yml',
  commit: '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f'
}

describe('the policy file', () => {
  it('lets an environment through that needs no change, without sending anything', () =>
    inWorld({}, async world => {
      world.policy(POLICY)
      const step = await world.perform(definition, { inputs: { environment: 'dev' }, env: NO_INSTANCE })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toEqual({
        approved: 'false',
        outcome: 'not-required',
        created: 'false',
        attachments: '[]',
        policy: JSON.stringify({ ...FACTS, section: 'dev', enforced: {} })
      })
      expect(step.notices).toEqual([
        'According to the policy acme/shop/.github/servicenow-change.yml at commit 65dbbeda5ade, the environment "dev" is not change-controlled: change-controlled: false. No change is needed, and nothing was sent.'
      ])
      expect(step.summary).toMatch(
        /^## Change-controlled deployment\n\nNot required: the environment is not change-controlled\./
      )
      expect(step.state).toEqual(NOTHING_SAVED)
      expect(world.sandbox.requests).toEqual([])
    }))

  it('is not read while Node is told to trust every certificate', () =>
    inWorld({}, async world => {
      world.policy(POLICY)
      const env = { ...NO_INSTANCE, NODE_TLS_REJECT_UNAUTHORIZED: '0' }
      const step = await world.perform(definition, { inputs: { environment: 'dev' }, env })
      expect(step.failure?.text).toMatch(/^NODE_TLS_REJECT_UNAUTHORIZED=0 is set/)
      expect(step.outputs.outcome).toBe('error')
    }))

  it('gives values that no input gives, and the title', () =>
    inWorld(UNDECIDED, async world => {
      world.policy(POLICY)
      const inputs = { environment: 'production', version: 'v3', ...ONCE }
      const step = await world.perform(definition, { inputs })
      const [change] = world.sandbox.rows('change_request')
      expect(change).toMatchObject({ short_description: 'Release v3 of acme/shop in production', risk: '4' })
      const group = world.sandbox.rows('sys_user_group').find(row => row.name === 'Platform Team')
      expect(change?.assignment_group).toBe(group?.sys_id)
      expect(step.info.join('\n')).toContain('.github/servicenow-change.yml')
      expect(step.outputs.risk).toBe('Low')
    }))

  it('is that of the commit of the run: what is in the workspace changes nothing', () =>
    inWorld(UNDECIDED, async world => {
      world.policy('enforce: { type: normal }\nenvironments: { production: {} }')
      mkdirSync(join(world.workspace, '.github'))
      const free = 'unlisted: free\nenvironments: { production: { change-controlled: false } }'
      writeFileSync(join(world.workspace, '.github', 'servicenow-change.yml'), free)
      const step = await world.perform(definition, { inputs: { ...NORMAL, ...ONCE } })
      expect(step.outputs).toMatchObject({
        outcome: 'timeout',
        created: 'true',
        policy: JSON.stringify({ ...FACTS, section: 'production', enforced: { type: 'normal' } })
      })
      const differing = { ...NORMAL, type: 'emergency', 'on-sucess': 'none' }
      const refused = await world.perform(definition, { inputs: differing })
      expect(refused.failure?.text).toMatch(
        /`on-sucess` is not an input[\s\S]*`type` must be `normal`, not `emergency`|`type` must be `normal`, not `emergency`: the policy acme\/shop\/.* at commit 65dbbeda5ade enforces it[\s\S]*`on-sucess` is not an input/
      )
    }))

  it('knows what kind of change is made when none is given', () =>
    inWorld({}, async world => {
      world.policy('enforce: { type: [normal, emergency] }\nunlisted: controlled')
      const step = await world.perform(definition, { inputs: STANDARD })
      expect(step.failure?.text).toMatch(/^`type` must be one of `normal`, `emergency`, not `standard`/)
      expect(world.sandbox.requests).toEqual([])
    }))

  it('is named in the note at the start of the deployment', () =>
    inWorld({}, async world => {
      world.policy('environments: { production: {} }')
      const step = await world.perform(definition, { inputs: STANDARD })
      expect(step.failure).toBeUndefined()
      const notes = world.sandbox.journal(step.outputs['change-sys-id'] ?? '').map(note => note.text)
      expect(notes.find(text => text.startsWith('Deployment to production started.'))).toContain(
        `Policy: acme/shop/.github/servicenow-change.yml at commit ${FACTS.commit}, section production`
      )
    }))

  it('is not needed: without it every environment is change-controlled', () =>
    inWorld(UNDECIDED, async ({ perform }) => {
      const step = await perform(definition, { inputs: { ...NORMAL, environment: 'dev', ...ONCE } })
      expect(step.outputs).toMatchObject({ outcome: 'timeout', created: 'true' })
      expect(step.info.join('\n')).toMatch(
        /^No policy: the commit 65dbbeda5ade of acme\/shop has no \.github\/servicenow-change\.yml/m
      )
      expect(step.outputs.policy).toBe('')
    }))

  it('fails the step when it has a mistake, and nothing is sent', () =>
    inWorld({}, async world => {
      world.policy('environments: { production: { tiemout: 1h } }')
      const step = await world.perform(definition, { inputs: NORMAL })
      expect(step.failure?.title).toBe('Input error')
      expect(step.failure?.text).toContain('`tiemout` is not known')
      expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'error' })
      expect(world.sandbox.requests).toEqual([])
    }))
})

it.each([
  [
    'the gate would proceed in New',
    { 'proceed-states': 'scheduled, new' },
    'not new: the gate takes an approved change from Scheduled'
  ],
  [
    'the gate would proceed under a closed change',
    { 'proceed-states': 'closed' },
    '`proceed-states` can hold scheduled, implement, review, not closed'
  ],
  [
    'the Table API is to evaluate the risk',
    { api: 'table', 'evaluate-risk': 'true' },
    '`evaluate-risk` and `check-conflicts` need `api: change-management`'
  ],
  [
    'the Table API is to check conflicts',
    { api: 'table', 'check-conflicts': 'warn' },
    '`evaluate-risk` and `check-conflicts` need `api: change-management`'
  ],
  ['the commit is shortened', { commit: '65dbbed' }, '`commit` must be a full commit id'],
  [
    'there are two ways to sign in',
    { token: 'some-token', 'api-key': 'some-key' },
    'Several sets of credentials'
  ],
  ['a number is none', { 'change-number': 'latest' }, '`change-number`'],
  ['an end is before its start', { 'start-date': '+2h', 'end-date': '+1h' }, '`end-date`'],
  ['an end is its start', { 'start-date': '+1h', 'end-date': '+1h' }, '`end-date` must be later'],
  ['a word is not one of the choices', { 'on-success': 'shut' }, '`on-success`'],
  ['a file to attach is not there', { attachments: '- none.txt' }, 'none.txt']
])('nothing is sent when %s', (_, inputs, text) =>
  inWorld({}, async ({ sandbox, perform }) => {
    const step = await perform(definition, { inputs: { ...NORMAL, ...(inputs as Record<string, string>) } })
    expect(step.failure?.title).toBe('Input error')
    expect(step.failure?.text).toContain(text)
    expect(step.outputs).toMatchObject({
      approved: 'false',
      outcome: 'error',
      created: 'false',
      attachments: '[]'
    })
    expect(sandbox.requests.filter(one => one.path.startsWith('/api/'))).toEqual([])
    expect(step.state).toEqual(NOTHING_SAVED)
  })
)

describe('what may be asked for', () => {
  it('the Table API, as long as risk and conflicts are left alone', () =>
    inWorld({ api: 'table' }, async ({ perform }) => {
      const step = await perform(definition, { inputs: { ...STANDARD, 'check-conflicts': 'ignore' } })
      expect(step.outputs).toMatchObject({ approved: 'true', 'change-state': 'implement' })
    }))

  it('a start on a day and an end after some time: which is first shows when the change is made', () =>
    inWorld({}, async ({ perform }) => {
      const dates = { 'start-date': '2026-12-01T22:00:00Z', 'end-date': '+1h' }
      const step = await perform(definition, { inputs: { ...NORMAL, ...dates, 'dry-run': 'true' } })
      expect(step.outputs.outcome).toBe('dry-run')
    }))

  it('to proceed in Review', () =>
    inWorld({}, async ({ plant, perform }) => {
      const { number } = plant({ state: '0', approval: 'approved' })
      const inputs = { ...ONCE, 'change-number': number, 'proceed-states': 'review, implement' }
      const step = await perform(definition, { inputs })
      expect([step.outputs.outcome, ...step.warnings].join('\n')).toMatch(/review|unexpected-state/i)
    }))

  it('other inputs than those of the wait-approval action are unknown', () =>
    inWorld({}, async ({ perform }) => {
      const inputs = { ...STANDARD, 'fail-when-not-approved': 'false' }
      const step = await perform(definition, { inputs })
      expect([step.failure?.text, ...step.warnings].join('\n')).toContain('fail-when-not-approved')
    }))
})

describe('a dry run', () => {
  it('would create a change, writes nothing, and stays shut', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      const inputs = { ...NORMAL, 'dry-run': 'true', 'evaluate-risk': 'true' }
      const step = await perform(definition, { inputs })
      expect(step.failure?.title).toBe('Change not created: dry-run')
      expect(step.outputs).toMatchObject({
        approved: 'false',
        outcome: 'dry-run',
        created: 'false',
        'correlation-id': expect.stringMatching(/./)
      })
      expect(step.info.join('\n')).toMatch(/would create a normal change/)
      expect(step.state).toEqual(NOTHING_SAVED)
      expect(step.exported).toEqual({})
      expect(sandbox.rows('change_request')).toEqual([])
    }))

  it('looks once at a change that is there, and leaves nothing for the post step', () =>
    inWorld({}, async ({ sandbox, plant, perform }) => {
      for (const [fields, outcome] of [
        [{ state: '-2', approval: 'approved' }, 'approved: state Scheduled'],
        [{ state: '-4', approval: 'requested' }, 'timeout: waiting for approval']
      ] as const) {
        const { number, sysId } = plant(fields)
        const step = await perform(definition, { inputs: { 'change-number': number, 'dry-run': 'true' } })
        expect(step.failure?.title).toBe(`Change ${number}: dry-run`)
        expect(step.failure?.text).toContain(`the outcome would be ${outcome}`)
        expect(step.failure?.text).toMatch(/^Current status: CHG\d+ is in /m)
        expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'dry-run', polls: '1' })
        expect(JSON.parse(step.outputs.metrics ?? '').result).toBe('dry-run')
        expect(step.state).toEqual(NOTHING_SAVED)
        expect(sandbox.change(sysId)?.state).toBe(fields.state)
      }
      const writes = sandbox.requests.filter(one => one.method !== 'GET' && one.path !== '/oauth_token.do')
      expect(writes).toEqual([])
    }))
})
