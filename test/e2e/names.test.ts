/** Names of groups, people, items, templates and choices, and what becomes of wrong ones. */

import { seedId } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { DEPLOYMENT, onBothApis, scenario, scenarios, writes } from './harness.ts'

const GROUP = 'sys_user_group'

onBothApis(api => {
  scenario('every kind of name becomes its record', { api }, async ({ sandbox, job, plant }) => {
    const parent = plant()
    const step = await job.pass('create-change', {
      'short-description': 'Deploy the shop',
      'assignment-group': 'devops team',
      'assigned-to': 'dora.devops',
      'requested-by': 'paul.platform@sandbox.example',
      'cmdb-ci': 'prod-k8s-cluster',
      'parent-change': parent.number,
      priority: '2 - High',
      impact: '2',
      urgency: 'Medium',
      risk: 'low',
      category: 'software'
    })
    expect(step.warnings).toEqual([])
    expect(sandbox.change(step.outputs['change-number'] ?? '')).toMatchObject({
      assignment_group: seedId(GROUP, 'devops-team'),
      assigned_to: seedId('sys_user', 'dora.devops'),
      requested_by: seedId('sys_user', 'paul.platform'),
      cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster'),
      parent: parent.sysId,
      priority: '2',
      impact: '2',
      urgency: '2',
      risk: '4',
      category: 'Software'
    })
  })

  scenario('sys_ids are taken as they are', { api }, async ({ sandbox, job, plant }) => {
    const parent = plant()
    const step = await job.pass('create-change', {
      'short-description': 'Deploy the shop',
      'assignment-group': seedId(GROUP, 'operations-emea'),
      'cmdb-ci': seedId('cmdb_ci', 'payments-db-server').toUpperCase(),
      'parent-change': parent.sysId
    })
    expect(sandbox.change(step.outputs['change-number'] ?? '')).toMatchObject({
      assignment_group: seedId(GROUP, 'operations-emea'),
      cmdb_ci: seedId('cmdb_ci', 'payments-db-server'),
      parent: parent.sysId
    })
  })

  const UNKNOWN = {
    'a group with a typing error': [{ 'assignment-group': 'DevOps Taem' }, 'DevOps Team'],
    'an inactive group': [{ 'assignment-group': 'Mainframe Team' }, 'no active assignment group'],
    'an unknown item': [{ 'cmdb-ci': 'prod-k8s-clutser' }, 'prod-k8s-cluster'],
    'a retired item': [{ 'cmdb-ci': 'legacy-web' }, 'no active configuration item'],
    'an unknown user': [{ 'assigned-to': 'dora.devop' }, 'dora.devops'],
    'a user who has left': [{ 'requested-by': 'lea.leaver' }, 'no active user'],
    'an unknown parent': [{ 'parent-change': 'CHG9999999' }, 'there is no change CHG9999999'],
    'an unknown template': [{ 'standard-change-template': 'app-deployment' }, 'app-deployment-template'],
    'an inactive template': [{ 'standard-change-template': 'retired-template' }, 'template'],
    'an unknown risk': [{ risk: 'lwo' }, 'Low']
  } as const
  scenarios('%s: an error before anything is created', { api }, UNKNOWN, async (world, [inputs, hint]) => {
    const step = await world.job.fail('create-change', { ...DEPLOYMENT, ...inputs })
    expect(step.error.title).toBe('ServiceNow: no such record')
    expect(step.error.message).toContain(Object.values(inputs)[0])
    expect(step.error.message).toContain(hint)
    expect(writes(world.sandbox)).toEqual([])
  })

  const AMBIGUOUS = {
    'a group': [
      { 'assignment-group': 'Operations' },
      [seedId(GROUP, 'operations-emea'), seedId(GROUP, 'operations-amer')]
    ],
    'an item': [
      { 'cmdb-ci': 'payments-db' },
      [seedId('cmdb_ci', 'payments-db-server'), seedId('cmdb_ci', 'payments-db-instance')]
    ]
  } as const
  scenarios('%s that exists twice: both are named', { api }, AMBIGUOUS, async (world, [inputs, sysIds]) => {
    const step = await world.job.fail('create-change', { ...DEPLOYMENT, ...inputs })
    expect(step.error.title).toBe('ServiceNow: the name is ambiguous')
    for (const sysId of sysIds) expect(step.error.message).toContain(sysId)
    expect(writes(world.sandbox)).toEqual([])
  })

  scenario('a sys_id that belongs to nobody', { api }, async ({ sandbox, job }) => {
    const nobody = '0123456789abcdef0123456789abcdef'
    const step = await job.fail('create-change', { ...DEPLOYMENT, 'assignment-group': nobody })
    expect(step.error.message).toContain(`assignment_group "${nobody}"`)
    expect(sandbox.rows('change_request').filter(row => row.state !== '4')).toEqual([])
  })

  scenario('a name written into fields of an update', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant()
    const named = { 'change-number': number }
    await job.pass('update-change', { ...named, fields: 'assignment_group: Platform Team\nrisk: high' })
    expect(sandbox.change(number)).toMatchObject({
      assignment_group: seedId(GROUP, 'platform-team'),
      risk: '2'
    })
    const before = sandbox.change(number)
    const step = await job.fail('update-change', { ...named, fields: 'assignment-group: Platfrom Team' })
    expect(step.error.message).toContain('Platform Team')
    expect(sandbox.change(number)).toEqual(before)
  })

  const narrow = { SERVICENOW_USERNAME: 'gha.narrow', SERVICENOW_PASSWORD: 'narrow-password' }
  for (const deniedLookups of ['hidden', 'forbidden'] as const) {
    const setting = { api, sandbox: { deniedLookups }, env: narrow }

    scenario(`lookups are ${deniedLookups}: the instance resolves names`, setting, async world => {
      const { sandbox, job } = world
      const step = await job.pass('create-change', {
        ...DEPLOYMENT,
        'cmdb-ci': 'prod-k8s-cluster',
        risk: 'Low',
        'start-date': '2031-03-01T22:00:00Z'
      })
      expect(sandbox.change(step.outputs['change-number'] ?? '')).toMatchObject({
        assignment_group: seedId(GROUP, 'devops-team'),
        cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster'),
        risk: '4',
        start_date: '2031-03-01 22:00:00',
        state: expect.stringMatching(/^-[34]$/)
      })
    })

    scenario(`lookups are ${deniedLookups}: a wrong name leaves no open change`, setting, async world => {
      const { sandbox, job } = world
      const step = await job.fail('create-change', { ...DEPLOYMENT, 'assignment-group': 'DevOps Taem' })
      expect(step.error.title).toMatch(/^ServiceNow(?: lookup)?: no such record$/)
      expect(step.error.message).toContain('"DevOps Taem"')
      const drafts = sandbox.rows('change_request')
      expect(drafts.filter(row => row.state !== '4')).toEqual([])
      // Hidden rows are counted all the same, so a name that is nobody's shows before anything is created.
      expect(drafts).toHaveLength(deniedLookups === 'hidden' ? 0 : 1)
      for (const draft of drafts) {
        expect(step.error.message).toContain(draft.number)
        const note = sandbox.journal(draft.sys_id ?? '').at(-1)
        expect(note?.text).toContain('assignment_group could not be resolved')
      }
    })
  }
})

scenario('a change model makes a change of its type', {}, async ({ sandbox, job }) => {
  const step = await job.pass('create-change', { ...DEPLOYMENT, 'change-model': 'Emergency' })
  expect(step.outputs).toMatchObject({ 'change-type': 'emergency', 'change-state': 'authorize' })
  expect(sandbox.change(step.outputs['change-number'] ?? '')?.chg_model).toBe(
    '62d10fa1c303101035ae3f52c1d3aec1'
  )
})

scenario('an unknown change model', {}, async ({ sandbox, job }) => {
  const step = await job.fail('create-change', { ...DEPLOYMENT, 'change-model': 'Emergancy' })
  expect(step.error.message).toContain('Emergency')
  expect(writes(sandbox)).toEqual([])
})
