/** What the account may do, the clock, the APIs, and the names given. */
import { describe, expect, it } from '@jest/globals'
import { report, results, row } from '../../testing/check-report.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const FOREVER = Number.POSITIVE_INFINITY
/** With it the journal is not needed. */
const KEYED = { SERVICENOW_BINDING_KEY: 'key-of-the-organisation' }

/** With an account of the sandbox instead of the OAuth client. */
const as = ({ perform, sandbox }: World, username: string, password: string) =>
  perform(definition, { inputs: { instance: sandbox.url, username, password } })

describe('the account', () => {
  it('may read and not write: that fails', () =>
    inWorld({}, async world => {
      const step = await as(world, 'gha.reader', 'reader-password')
      expect(step.failure?.title).toBe('ServiceNow connection: Write changes')
      expect(row(step, 'Write changes')).toEqual({
        check: 'Write changes',
        result: 'fail',
        detail: "none of sn_change_write, itil, change_manager among the account's roles",
        fix: 'give the service account sn_change_write'
      })
    }))

  it('may do too much: that is a warning, in the log where everybody sees it', () =>
    inWorld({}, async world => {
      const step = await as(world, 'admin', 'admin-password')
      expect(step.failure).toBeUndefined()
      expect(step.outputs.ok).toBe('true')
      expect(row(step, 'Write changes').detail).toBe('role admin')
      expect(row(step, 'Least privilege')).toMatchObject({
        result: 'warn',
        detail: 'the account has admin: it may be able to approve its own deployments'
      })
      expect(step.warnings).toEqual([
        expect.stringMatching(
          /Least privilege: the account has admin: .* deployments\. Fix: use an account .* alone\./
        )
      ])
      expect(step.info).toContainEqual(expect.stringMatching(/^! Least privilege +the account has admin/))
    }))

  it('is a person who approves: every role of that kind is named', () =>
    inWorld({}, async world => {
      const step = await as(world, 'anna.approver', 'anna-password')
      expect(row(step, 'Write changes').detail).toBe('role itil')
      expect(row(step, 'Least privilege').detail).toMatch(/has (?:itil, approver_user|approver_user, itil):/)
    }))

  it('may not see who wrote a note, as on a stock instance: that is a warning with two ways out', () =>
    inWorld({}, async ({ sandbox, plant, perform }) => {
      const { sysId } = plant()
      sandbox.set('change_request', sysId, { work_notes: 'A note.' })
      const { result, fix } = row(await perform(definition), 'Writers of work notes')
      expect(result).toBe('warn')
      expect(fix).toMatch(/sys_journal_field.*`binding-key`/)
      const keyed = await perform(definition, { env: KEYED })
      expect(row(keyed, 'Writers of work notes').result).toBe('ok')
      expect(keyed.outputs.report).not.toContain(KEYED.SERVICENOW_BINDING_KEY)
    }))

  it('may see who wrote a note', () =>
    inWorld({ readableJournal: true }, async ({ sandbox, plant, perform }) => {
      const { sysId } = plant()
      sandbox.set('change_request', sysId, { work_notes: 'A note.' })
      expect(row(await perform(definition), 'Writers of work notes').result).toBe('ok')
    }))

  it('is not told who it is: that is a warning, unless trusted-accounts names it', () =>
    inWorld({ evaluateQueryScripts: false }, async ({ perform }) => {
      expect(row(await perform(definition), 'Creator of changes')).toMatchObject({
        result: 'warn',
        fix: expect.stringContaining('`trusted-accounts`')
      })
      const named = await perform(definition, { inputs: { 'trusted-accounts': 'gha.deployer' } })
      expect(row(named, 'Creator of changes').result).toBe('ok')
    }))

  it('cannot read its own roles: that is a warning', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      sandbox.fault({ kind: 'acl', path: 'sys_user_has_role', times: FOREVER })
      sandbox.fault({ kind: 'acl', path: 'user_role', times: FOREVER })
      const step = await perform(definition)
      expect(step.outputs.ok).toBe('true')
      expect(row(step, 'Roles')).toMatchObject({
        result: 'warn',
        detail: expect.stringContaining('cannot read its own roles'),
        fix: expect.stringContaining('sn_change_write')
      })
    }))

  it('has no roles at all: changes are hidden from it', () =>
    inWorld({}, async world => {
      // An empty list cannot be told from a hidden one: there must be a change.
      world.plant()
      const step = await as(world, 'no.roles', 'no-roles-password')
      expect(step.outputs.ok).toBe('false')
      expect(results(step, 'fail')).toContain('Change Management API')
      for (const one of report(step).filter(({ result }) => result === 'fail' || result === 'warn')) {
        expect(one.fix).not.toBe('')
        if (one.result === 'fail') expect(step.failure?.text).toContain(`${one.check}: `)
      }
    }))

  it.each([
    ['Read assignment groups', 'sys_user_group'],
    ['Read users', 'sys_user?'],
    ['Read configuration items', 'cmdb_ci'],
    ['Read choices', 'sys_choice'],
    ['Read templates', 'std_change_record_producer'],
    ['Read approvals', 'sysapproval_approver'],
    ['Read change tasks', 'change_task'],
    ['Read attachments', '/api/now/attachment']
  ])('%s: a warning where that is refused', (check, path) =>
    inWorld({}, async ({ sandbox, perform }) => {
      sandbox.fault({ kind: 'acl', path, times: FOREVER })
      const step = await perform(definition, { env: KEYED })
      expect(step.outputs.ok).toBe('true')
      // By its own row the account learns who it is.
      const also = check === 'Read users' ? ['Creator of changes'] : []
      expect(results(step, 'warn')).toEqual([check, ...also])
      expect(row(step, check).detail).toMatch(/(?:permission missing|refused).* \(.+\)$/)
      expect(row(step, check).fix).not.toBe('')
    })
  )

  it('does not see what an instance hides: each row says what goes without', () =>
    inWorld({}, async world => {
      const { sysId } = world.plant()
      world.sandbox.insert('change_task', { change_request: sysId, short_description: 'Test' })
      world.sandbox.insert('sysapproval_approver', { sysapproval: sysId, state: 'requested' })
      const step = await as(world, 'no.roles', 'no-roles-password')
      const hidden = (table: string, without: string) =>
        `rows of /api/now/table/${table} are hidden from the account: ${without}`
      const before = 'cannot be checked before the change is created'
      for (const [check, detail] of [
        ['Read assignment groups', hidden('sys_user_group', `names of groups ${before}`)],
        ['Read users', hidden('sys_user', `names of users ${before}`)],
        ['Read configuration items', hidden('cmdb_ci', `names of CIs ${before}`)],
        ['Read choices', hidden('sys_choice', 'labels such as risk: low are left to the instance')],
        ['Read templates', hidden('std_change_record_producer', 'on api: table standard changes need it')],
        ['Read approvals', hidden('sysapproval_approver', 'the log cannot say who has yet to approve')],
        ['Read change tasks', hidden('change_task', 'open tasks cannot be closed with the change')],
        ['Table API', hidden('change_request', 'no change is readable')]
      ] as const)
        expect(row(step, check)).toEqual({
          check,
          result: 'warn',
          detail,
          fix: 'give the service account read access'
        })
    }))
})

describe('the two APIs', () => {
  const MISSING = { changeManagementApi: false }

  it('the one that is asked for is needed', () =>
    inWorld(MISSING, async ({ perform }) => {
      const step = await perform(definition)
      expect(results(step, 'fail')).toEqual(['Change Management API'])
      expect(row(step, 'Change Management API').fix).toContain('api: table')
      expect(step.summary).toMatch(/\| ✗ \| Change Management API \|/)
    }))

  it('the other one is not', () =>
    inWorld({ ...MISSING, api: 'table' }, async ({ perform }) => {
      const step = await perform(definition, { env: KEYED })
      expect(step.failure).toBeUndefined()
      expect(results(step, 'warn')).toEqual(['Change Management API'])
    }))

  it.each([
    ['table', 'fail'],
    ['change-management', 'warn']
  ] as const)('with api %s, a Table API that hides changes: %s', (api, result) =>
    inWorld({ api }, async ({ sandbox, perform }) => {
      sandbox.fault({ kind: 'acl', path: '/api/now/table/change_request', times: FOREVER })
      const step = await perform(definition)
      expect(row(step, 'Table API').result).toBe(result)
      expect(row(step, 'Sign-in').result).toBe('ok')
    })
  )
})

describe('the clock', () => {
  it.each([
    [3_600, 'warn', 'the instance is 3600 s ahead of the runner'],
    [-3_600, 'warn', 'the instance is 3600 s behind the runner'],
    [12, 'ok', 'the instance is 12 s ahead of the runner'],
    [-12, 'ok', 'the instance is 12 s behind the runner'],
    [0, 'ok', 'runner and instance agree']
  ])('off by %d s: %s', (seconds, result, detail) =>
    inWorld({ now: () => Date.now() + seconds * 1_000 }, async ({ perform }) => {
      const step = await perform(definition)
      expect(step.outputs.ok).toBe('true')
      const clock = row(step, 'Clock')
      // An instance tells its time in whole seconds.
      expect({
        ...clock,
        detail: clock.detail.replace(/(?:359\d|360\d|1[1-3])(?= s )/, `${Math.abs(seconds)}`)
      }).toMatchObject({ result, detail })
      expect(clock.fix).toEqual(result === 'ok' ? '' : expect.stringContaining("correct the runner's clock"))
    })
  )
})

describe('names', () => {
  it('are checked when they are given', () =>
    inWorld({}, async ({ perform }) => {
      const inputs = {
        'assignment-group': 'devops team',
        'cmdb-ci': 'prod-k8s-cluster',
        'standard-change-template': 'app-deployment-template'
      }
      const step = await perform(definition, { inputs })
      expect(step.failure).toBeUndefined()
      expect(row(step, 'Assignment group').detail).toBe('"devops team" was found as "DevOps Team"')
      expect(row(step, 'Configuration item').detail).toBe('"prod-k8s-cluster" was found')
      expect(row(step, 'Standard change template').detail).toBe('"app-deployment-template" was found')
    }))

  it.each([
    [
      'Assignment group',
      'assignment-group',
      'DevOps Taem',
      /^"DevOps Taem": ServiceNow: no such record; there is DevOps Team/
    ],
    [
      'Assignment group',
      'assignment-group',
      'Operations',
      /^"Operations": ServiceNow: the name is ambiguous; there is [0-9a-f]{32}/
    ],
    ['Configuration item', 'cmdb-ci', 'no-such-ci', /^"no-such-ci": .*no such record/],
    ['Standard change template', 'standard-change-template', 'retired-template', /^"retired-template": /],
    ['Standard change template', 'standard-change-template', 'none', /^"none": /],
    ['Assignment group', 'assignment-group', 'A^ORname=B', /^"A\^ORname=B" cannot be looked up$/]
  ])('%s: %s: %s fails', (check, input, name, text) =>
    inWorld({}, async ({ perform }) => {
      const step = await perform(definition, { inputs: { [input]: name } })
      expect(step.failure?.title).toBe(`ServiceNow connection: ${check}`)
      expect(row(step, check).detail).toMatch(text)
      expect(row(step, check).fix).not.toBe('')
      if (name.includes('^')) expect(row(step, check).fix).toBe('give the sys_id')
    })
  )

  it('that the account may not look up are left to the instance', () =>
    inWorld({}, async ({ perform, sandbox }) => {
      const inputs = {
        instance: sandbox.url,
        username: 'gha.narrow',
        password: 'narrow-password',
        'assignment-group': 'DevOps Team'
      }
      const step = await perform(definition, { inputs })
      expect(row(step, 'Assignment group')).toMatchObject({
        result: 'ok',
        detail: '"DevOps Team" could not be looked up and is left to the instance'
      })
    }))
})
