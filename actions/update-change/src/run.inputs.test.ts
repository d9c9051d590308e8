import { describe, expect, it } from '@jest/globals'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const NUMBER = 'CHG0030001'

/** A step about a change of which only the number is known. */
const update = ({ perform }: World, inputs: Record<string, string>, env: Record<string, string> = {}) =>
  perform(definition, { inputs: { 'change-number': NUMBER, ...inputs }, env })

const NOTHING = /^There is nothing to do: give `state`, `work-notes`, `comments`, `close-code`, /
const STATUS = /^`job-status` must be success, failure, cancelled or skipped, or the JSON of `\$\{\{ toJSON/

describe('wrong inputs', () => {
  it.each<[about: string, inputs: Record<string, string>, problem: RegExp]>([
    ['nothing to do', {}, NOTHING],
    ['no fields', { fields: '{}' }, NOTHING],
    ['a result alone', { 'job-status': 'success' }, NOTHING],
    [
      'an unknown state',
      { state: 'done' },
      /^`state` must be a state \(new, assess, .*\) or `by-job-status`, not `done`$/
    ],
    [
      'closing without a code',
      { state: 'closed' },
      /^`state: closed` needs `close-code` \(successful, successful_issues or unsuccessful\), or use `state: by-job-status`$/
    ],
    [
      'a code that the result decides',
      { state: 'by-job-status', 'close-code': 'successful' },
      /^`close-code` is decided by `state: by-job-status`; leave it out, or give `close-code-success` and `close-code-failure`$/
    ],
    [
      'close notes of a canceled change',
      { state: 'canceled', 'close-notes': 'x' },
      /^`close-notes` goes with closing; use `work-notes` to say why a change is canceled$/
    ],
    ['a hold without a reason', { 'on-hold': 'true' }, /^`on-hold: true` needs `on-hold-reason`$/],
    [
      'a reason without a hold',
      { 'on-hold-reason': 'Freeze' },
      /^`on-hold-reason` goes with `on-hold: true`$/
    ],
    [
      'a reason to end a hold',
      { 'on-hold': 'false', 'on-hold-reason': 'Freeze' },
      /^`on-hold-reason` goes with `on-hold: true`$/
    ],
    ['a hold that is neither', { 'on-hold': 'maybe' }, /^`on-hold` must be /],
    [
      'a result for a state of its own',
      { state: 'implement', 'job-status': 'success' },
      /^`job-status` goes with `state: by-job-status`$/
    ],
    ['a result that is none', { state: 'by-job-status', 'job-status': 'fine' }, STATUS],
    ['no needs', { state: 'by-job-status', 'job-status': '{}' }, STATUS],
    [
      'a correlation id with a blank',
      { state: 'implement', 'correlation-id': 'a b' },
      /^`correlation-id` must have 1 to 100 characters of A-Z a-z 0-9 \. _ : \/ -$/
    ],
    [
      'a number that is none',
      { state: 'implement', 'change-number': 'latest' },
      /^`change-number` must be a number/
    ],
    ['no change', { state: 'implement', 'change-number': '' }, /^No change is named: /],
    ['a short commit', { state: 'implement', commit: 'main' }, /^`commit` must be a full commit id/],
    ['half of the credentials', { state: 'implement', instance: 'acme', username: 'me' }, /`password`/],
    ['a control field', { fields: 'approval: approved' }, /^`fields`: "approval" steers the change itself/],
    ['fields that are no YAML', { fields: '[' }, /^`fields` is not valid YAML: /],
    ['tasks', { state: 'implement', 'change-tasks': 'delete' }, /^`change-tasks` must be /]
  ])('%s: refused before any request, with what to do', (_, inputs, problem) =>
    inWorld({}, async world => {
      const step = await update(world, inputs)
      expect(step.failure).toEqual({ title: 'Input error', text: expect.stringMatching(problem) })
      // A credential that is missing also has what to look for.
      expect(step.failure?.text.split('\n')).toHaveLength('username' in inputs ? 2 : 1)
      expect(step.outputs).toEqual({ changed: 'false', transitions: '' })
      expect(world.sandbox.requests).toEqual([])
    })
  )

  it.each(['work_notes', 'comments', 'close_code', 'close_notes', 'on_hold_reason'])(
    '%s has an input of its own and is no field',
    name =>
      inWorld({}, async world => {
        const step = await update(world, { fields: `${name}: x` })
        expect(step.failure?.text).toBe(
          `\`fields\`: "${name}" has an input of its own; use \`${name.replaceAll('_', '-')}\``
        )
      })
  )

  it('are told together', () =>
    inWorld({}, async world => {
      const step = await update(world, { state: 'closed', 'on-hold': 'true', commit: 'main' })
      expect(step.failure?.text.split('\n')).toHaveLength(3)
    }))
})

describe('each of these is something to do', () => {
  it.each<Record<string, string>>([
    { state: 'implement' },
    { 'work-notes': 'x' },
    { comments: 'x' },
    { 'close-code': 'successful' },
    { 'close-notes': 'x' },
    { 'on-hold': 'false' },
    { fields: 'impact: 3' }
  ])('%j', inputs =>
    inWorld({}, async world => {
      const about = { short_description: 'Deploy', number: NUMBER, approval: 'approved', state: '-2' }
      world.sandbox.insert('change_request', about)
      const step = await update(world, inputs)
      expect(step.failure).toBeUndefined()
      expect(step.outputs['change-number']).toBe(NUMBER)
    })
  )
})

describe('the change', () => {
  it('that does not exist fails the step', () =>
    inWorld({}, async world => {
      const step = await update(world, { state: 'implement' })
      expect(step.failure?.title).toMatch(/^ServiceNow/)
      expect(step.failure?.text).toContain(NUMBER)
      expect(step.outputs).not.toHaveProperty('change-number')
      expect(JSON.parse(step.outputs.metrics ?? '')).toMatchObject({ result: 'failure' })
    }))

  it.each<Record<string, string>>([
    { 'change-number': NUMBER },
    { 'change-number': '', 'change-sys-id': 'f'.repeat(32) },
    { 'change-number': '', 'correlation-id': 'shop/7' }
  ])('may be missing with if-not-found: ignore, by %j', name =>
    inWorld({}, async world => {
      const step = await update(world, { state: 'implement', 'if-not-found': 'ignore', ...name })
      expect(step.failure).toBeUndefined()
      expect(step.notices).toEqual([
        'There is no such change, or the account may not read it: nothing was done.'
      ])
      expect(step.outputs).toEqual({
        'change-sys-id': '',
        'change-number': '',
        'change-url': '',
        'change-state': '',
        'previous-state': '',
        changed: 'false',
        transitions: '',
        metrics: expect.stringContaining('"result":"not-found"')
      })
    })
  )

  it('that cannot be read for another reason fails the step all the same', () =>
    inWorld({}, async world => {
      world.sandbox.fault({ kind: 'acl', method: 'GET', path: /change/, times: Infinity })
      const step = await update(world, { state: 'implement', 'if-not-found': 'ignore' })
      expect(step.failure?.title).toMatch(/^ServiceNow 403/)
    }))

  it('is found by its correlation id', () =>
    inWorld({}, async world => {
      const { sysId } = world.plantOwn({ state: '-1', correlation_id: 'shop/7' })
      const inputs = { 'change-number': '', 'correlation-id': 'shop/7', 'work-notes': 'x' }
      expect((await update(world, inputs)).outputs['change-sys-id']).toBe(sysId)
    }))

  it('may be missing in a dry run, where an earlier step would have made it', () =>
    inWorld({}, async world => {
      const inputs = { 'change-number': '', state: 'implement', 'dry-run': 'true' }
      const step = await update(world, inputs)
      expect(step.failure).toBeUndefined()
      expect(step.info).toContain(
        'Dry run: would update the change that the earlier step would have created.'
      )
      expect(step.summary).toContain('update the change that the earlier step would have created')
      expect(step.outputs).toEqual({
        changed: 'false',
        transitions: '',
        metrics: expect.stringContaining('"result":"dry-run"')
      })
    }))

  it('must be named in a job with several', () =>
    inWorld({}, async world => {
      const insert = () =>
        world.sandbox.insert('change_request', { short_description: 'Deploy', state: '-1' })
      const sysIds = [insert(), insert()]
      const numbers = sysIds.map(sysId => world.sandbox.change(sysId)?.number ?? '')
      const env = {
        SERVICENOW_CHANGE_SYS_ID: sysIds.join(','),
        SERVICENOW_CHANGE_NUMBER: numbers.join(',')
      }
      const status = { state: 'by-job-status', 'own-job-status': 'success' }
      const unnamed = await update(world, { 'change-number': '', ...status }, env)
      expect(unnamed.failure?.text).toMatch(
        new RegExp(`^This job made or used several changes \\(${numbers.join(', ')}\\)`)
      )
      for (const [n, number] of numbers.entries()) {
        const named = await update(world, { 'change-number': number, ...status }, env)
        expect(named.failure).toBeUndefined()
        expect(named.outputs).toMatchObject({ 'change-sys-id': sysIds[n], 'change-state': 'closed' })
      }
    }))
})
