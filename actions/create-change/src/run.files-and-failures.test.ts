import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const DEPLOY = { 'short-description': 'Deploy the shop', 'assignment-group': 'DevOps Team' }

const create = ({ perform }: World, inputs: Record<string, string> = {}) =>
  perform(definition, { inputs: { ...DEPLOY, ...inputs } })

const report = ({ workspace }: World, name = 'report.txt') =>
  writeFileSync(join(workspace, name), 'All well.\n')

describe.each(['change-management', 'table'] as const)('on the %s API, files', api => {
  it('are attached before approval is requested, and told in output and summary', () =>
    inWorld({ api }, async world => {
      report(world)
      const step = await create(world, { attachments: '- report.txt' })
      expect(step.failure).toBeUndefined()
      const number = step.outputs['change-number'] ?? ''
      const [stored] = world.sandbox.attachments(number)
      expect(stored?.bytes.toString()).toBe('All well.\n')
      expect(JSON.parse(step.outputs.attachments ?? '')).toEqual([
        {
          name: 'report.txt',
          file: 'report.txt',
          'sys-id': stored?.sysId,
          size: 10,
          sha256: stored?.hash,
          status: 'attached'
        }
      ])
      expect(step.summary).toMatch(/Evidence: report\.txt \(10 bytes\)/)
      const sent = world.sandbox.requests.filter(one => one.method !== 'GET').map(one => one.path)
      const upload = sent.findIndex(path => path.startsWith('/api/now/attachment'))
      expect(upload).toBeGreaterThan(-1)
      expect(upload).toBeLessThan(sent.length - 1)
    }))

  it('are noted with their counts in the write that requests approval', () =>
    inWorld({ api }, async world => {
      const junit = '<testsuite><testcase/><testcase><failure/></testcase></testsuite>'
      writeFileSync(join(world.workspace, 'unit.xml'), junit)
      const unnoted: string[] = []
      world.sandbox.onRequest(() => {
        const [change] = world.sandbox.rows('change_request').slice(-1)
        const noted = world.sandbox.rows('sys_journal_field').some(one => one.value?.includes('1 failed'))
        if (!noted) unnoted.push(change?.state ?? '')
      })
      const step = await create(world, { attachments: '- unit.xml' })
      expect(step.failure).toBeUndefined()
      // Approvers never see it without.
      expect(unnoted).toContain('-5')
      expect(unnoted).not.toContain('-4')
      const notes = world.sandbox.journal(step.outputs['change-number'] ?? '').map(one => one.text)
      const ours = notes.filter(text => text.startsWith('Evidence attached:'))
      expect(ours).toEqual([expect.stringContaining('JUnit: 2 tests, 1 failed, 0 errors, 0 skipped')])
      await create(world, { attachments: '- unit.xml' })
      expect(world.sandbox.journal(step.outputs['change-number'] ?? '')).toHaveLength(notes.length)
    }))

  it('are not attached again when the step runs again', () =>
    inWorld({ api }, async world => {
      report(world)
      await create(world, { attachments: '- report.txt' })
      const again = await create(world, { attachments: '- report.txt' })
      expect(JSON.parse(again.outputs.attachments ?? '')).toMatchObject([
        { name: 'report.txt', status: 'skipped' }
      ])
      expect(world.sandbox.attachments(again.outputs['change-number'] ?? '')).toHaveLength(1)
    }))
})

describe('a failure', () => {
  it('before the creation leaves the outputs that are known', () =>
    inWorld({}, async world => {
      world.sandbox.fault({ kind: 'acl', method: 'POST', path: /change/, times: Infinity })
      const step = await create(world)
      expect(step.failure?.title).toMatch(/^ServiceNow 403/)
      expect(step.outputs).toEqual({
        created: 'false',
        attachments: '[]',
        'correlation-id': expect.stringMatching(/^gha-/),
        metrics: expect.stringContaining('"result":"failure"')
      })
      expect(step.exported).toEqual({})
    }))

  it('after the creation leaves the outputs of the change, and says how it stands', () =>
    inWorld({}, async world => {
      report(world)
      world.sandbox.fault({ kind: 'acl', path: '/api/now/attachment', method: 'POST', times: Infinity })
      const step = await create(world, { attachments: '- report.txt' })
      expect(step.failure?.title).toMatch(/^ServiceNow 403/)
      const [change] = world.sandbox.rows('change_request')
      expect(step.outputs).toMatchObject({
        created: 'true',
        'change-number': change?.number,
        'change-sys-id': change?.sys_id,
        'change-state': 'new'
      })
      expect(step.exported.SERVICENOW_CHANGE_SYS_ID).toBe(change?.sys_id)
      expect(JSON.parse(step.outputs.metrics ?? '')).toMatchObject({ result: 'failure' })
      expect(step.failure?.text).toContain(`${change?.number} is in New`)
      expect(step.summary).toContain(`[${change?.number}]`)
    }))

  it('of a change that is named says how it stands, though it is not used', () =>
    inWorld({}, async world => {
      const sysId = world.sandbox.insert('change_request', { short_description: 'Old', state: '4' })
      const number = world.sandbox.change(sysId)?.number ?? ''
      const step = await create(world, { 'change-sys-id': sysId.toUpperCase() })
      expect(step.failure?.title).toContain(number)
      expect(step.summary).toContain(`[${number}]`)
      expect(step.summary).toMatch(/state Canceled/)
      expect(step.outputs).not.toHaveProperty('change-number')
      expect(step.exported).toEqual({})
    }))

  it('of a pattern that matches nothing comes before any request', () =>
    inWorld({}, async world => {
      const step = await create(world, { attachments: '- missing.txt' })
      expect(step.failure?.text).toMatch(
        /^`attachments`: no file matches "missing.txt"\nFix: check the paths \(they are relative to the workspace\), /
      )
      expect(world.sandbox.requests).toEqual([])
    }))
})

describe('wrong inputs', () => {
  const PROBLEMS: readonly [about: string, inputs: Record<string, string>, problem: RegExp][] = [
    [
      'no title',
      { 'short-description': '' },
      /^`short-description` is required, unless `change-number` or `change-sys-id` supplies a change$/
    ],
    [
      'a number that is none',
      { 'change-number': 'latest' },
      /^`change-number` must be a number as the instance gives it/
    ],
    ['a short commit', { commit: '65dbbed' }, /^`commit` must be a full commit id/],
    ['half of the credentials', { 'client-id': 'c' }, /`client-secret`/],
    [
      'a template with another type',
      { 'standard-change-template': 'app-deployment-template', type: 'normal' },
      /^`standard-change-template` makes a standard change, and `type` is normal$/
    ],
    [
      'a template with a model',
      { 'standard-change-template': 'app-deployment-template', 'change-model': 'Normal' },
      /^`standard-change-template` and `change-model` exclude each other$/
    ],
    [
      'a standard change without a template',
      { type: 'standard' },
      /^`type: standard` needs `standard-change-template`/
    ],
    [
      'a model on the Table API',
      { api: 'table', 'change-model': 'Normal' },
      /^`change-model` needs `api: change-management`$/
    ],
    ['a control field', { fields: 'state: 3' }, /^`fields`: "state" steers the change itself/],
    [
      'a field with an input of its own',
      { fields: 'risk: 3' },
      /^`fields`: "risk" has an input of its own; use `risk`$/
    ],
    [
      'an end before the start',
      { 'start-date': '2026-12-02T00:00:00Z', 'end-date': '2026-12-01T00:00:00Z' },
      /^`end-date` must be later than `start-date`$/
    ],
    [
      'a correlation id with a blank',
      { 'correlation-id': 'a b' },
      /^`correlation-id` must have 1 to 100 characters/
    ],
    [
      'a parent that is no change',
      { 'parent-change': 'the last one' },
      /^`parent-change` must be a number such as CHG0030001 or a sys_id$/
    ],
    [
      'a name that would act in a query',
      { 'assignment-group': 'a^b' },
      /^`assignment-group` cannot be looked up as `a\^b`/
    ]
  ]

  it.each(PROBLEMS)('%s: refused before any request, with what to do', (_, inputs, problem) =>
    inWorld({}, async world => {
      const step = await create(world, inputs)
      expect(step.failure).toEqual({ title: 'Input error', text: expect.stringMatching(problem) })
      expect(step.outputs).toEqual({ created: 'false', attachments: '[]' })
      expect(world.sandbox.requests).toEqual([])
    })
  )

  it('are told together', () =>
    inWorld({}, async world => {
      const step = await create(world, { 'short-description': '', commit: 'main', 'correlation-id': '?' })
      expect(step.failure?.text.split('\n')).toHaveLength(3)
    }))

  it.each(['change-number', 'change-sys-id'])('a title is not needed beside %s', name =>
    inWorld({}, async world => {
      const sysId = world.sandbox.insert('change_request', { short_description: 'By hand', state: '-2' })
      const value = name === 'change-sys-id' ? sysId : (world.sandbox.change(sysId)?.number ?? '')
      const step = await world.perform(definition, { inputs: { [name]: value } })
      expect(step.failure).toBeUndefined()
      expect(step.outputs['change-sys-id']).toBe(sysId)
    })
  )
})
