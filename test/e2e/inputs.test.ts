/** Wrong inputs: all of them found, told in one error, and nothing sent. */
import { expect } from '@jest/globals'
import { DEPLOYMENT, scenario, scenarios, type World } from './harness.ts'
import type { ActionName } from './manifest.ts'

type Inputs = Readonly<Record<string, string>>
type Case = readonly [inputs: Inputs, ...problems: (string | RegExp)[]]

const BARE = { env: { SERVICENOW_CLIENT_ID: '' } }
const OAUTH = { 'client-id': 'github-actions', 'client-secret': 'sandbox-client-secret' }
const BASIC = { username: 'gha.deployer', password: 'deployer-password' }
const NAMED = { 'change-number': 'CHG0030001' }

/** The step fails over its inputs alone. */
async function refused(world: World, action: ActionName, inputs: Inputs, problems: Case[1][]): Promise<void> {
  const step = await world.job.fail(action, inputs)
  expect(step.error.title).toBe('Input error')
  for (const problem of problems) expect(step.error.message).toMatch(problem)
  expect(step.outputs['change-number'] ?? '').toBe('')
  expect(world.sandbox.requests).toEqual([])
}

const refusals = (
  action: ActionName,
  cases: Readonly<Record<string, Case>>,
  base: Inputs = {},
  setting: Parameters<typeof scenario>[1] = {}
) =>
  scenarios(`${action}: %s`, setting, cases, (world, [inputs, ...problems]) =>
    refused(world, action, { ...base, ...inputs }, problems)
  )

refusals(
  'create-change',
  {
    'http to a host elsewhere': [{ instance: 'http://acme.service-now.com' }, /`instance`.*https/],
    'user info in the instance': [{ instance: 'https://me:secret-word@acme.service-now.com' }, /`instance`/],
    'a path in the instance': [{ instance: 'https://acme.service-now.com/navpage.do' }, /`instance`.*path/i],
    'a query in the instance': [{ instance: 'https://acme.service-now.com?x=1' }, /`instance`/],
    'no instance at all': [{ instance: ' ' }, /`instance` is required.*SERVICENOW_INSTANCE/]
  },
  DEPLOYMENT,
  { env: { SERVICENOW_INSTANCE: '' } }
)

refusals(
  'create-change',
  {
    'no credentials': [{}, /No credentials/],
    'a client id without its secret': [
      { 'client-id': 'github-actions' },
      /`client-id` is given without `client-secret`/
    ],
    'a password without a user': [{ password: 'some-password' }, /`password` is given without `username`/],
    'half a set beside a whole one': [{ ...OAUTH, username: 'me' }, /`username` is given without `password`/],
    'two sets': [{ ...OAUTH, token: 'some-token' }, /Several sets.*`client-id`.*`token`/],
    'three sets': [
      { ...BASIC, token: 'some-token', 'api-key': 'some-key' },
      /`username`.*`token`.*`api-key`/
    ],
    'a certificate without its key': [
      { ...OAUTH, 'client-certificate': '-----BEGIN CERTIFICATE-----' },
      /`client-certificate` is given without `client-key`/
    ],
    'a certificate that is no PEM': [
      { ...OAUTH, 'ca-certificate': '/nowhere/ca.pem' },
      /`ca-certificate` is neither PEM/
    ]
  },
  DEPLOYMENT,
  BARE
)

refusals(
  'create-change',
  {
    'a number for a boolean': [{ 'dry-run': 'yes' }, /`dry-run` must be `true` or `false`, not `yes`/],
    'a wrong duration': [{ 'request-timeout': '30 seconds' }, /`request-timeout` must be a duration/],
    'a wrong number': [{ 'max-retries': 'many' }, /`max-retries` must be a whole number/],
    'a wrong value': [{ api: 'rest' }, /`api` must be one of `change-management`, `table`, not `rest`/],
    'a date without a zone': [{ 'start-date': '2026-12-01T22:00:00' }, /`start-date` needs a zone/],
    'a day that does not exist': [{ 'end-date': '2026-02-30T22:00:00Z' }, /`end-date` must be a date that/],
    'an end before the start': [
      { 'start-date': '2026-12-02T00:00:00Z', 'end-date': '2026-12-01T00:00:00Z' },
      /`end-date` must be later than `start-date`/
    ],
    'control fields': [
      { fields: 'state: 3\napproval: approved\ncorrelation-id: x\nsys_created_on: "2026"\nOn_Hold: true' },
      /"state"/,
      /"approval"/,
      /"correlation-id"/,
      /"sys_created_on"/,
      /"On_Hold"/
    ],
    'a field that has an input': [{ fields: 'risk: low' }, /"risk" has an input of its own; use `risk`/],
    'fields that are no map': [{ fields: '- a\n- b' }, /`fields` must be a YAML map/],
    'fields that are no YAML': [{ fields: 'u_a: "x' }, /`fields` is not valid YAML/],
    'a field of several values': [{ fields: 'u_list: [1, 2]' }, /"u_list" must be a text, a number/],
    'a near miss': [
      { 'asignment-group': 'DevOps Team' },
      /`asignment-group` is not an input; did you mean `assignment-group`\?/
    ],
    'both spellings, not the same': [
      { assignment_group: 'Platform Team' },
      /`assignment-group` is given as `assignment_group` too, with another value/
    ],
    'a template for a normal change': [
      { type: 'normal', 'standard-change-template': 'app-deployment-template' },
      /`standard-change-template` makes a standard change, and `type` is normal/
    ],
    'a template and a model': [
      { 'standard-change-template': 'app-deployment-template', 'change-model': 'Normal' },
      /exclude each other/
    ],
    'a standard change without a template': [
      { type: 'standard' },
      /`type: standard` needs `standard-change-template`/
    ],
    'a model on the Table API': [
      { 'change-model': 'Normal', api: 'table' },
      /`change-model` needs `api: change-management`/
    ],
    'a correlation id with a space': [{ 'correlation-id': 'shop v1' }, /`correlation-id` must have 1 to 100/],
    'a correlation id that is too long': [{ 'correlation-id': 'x'.repeat(101) }, /`correlation-id`/],
    'a parent that is no number': [{ 'parent-change': 'the last one' }, /`parent-change` must be a number/],
    'a sys_id that is none': [{ 'change-sys-id': 'abc' }, /`change-sys-id` must be a sys_id/],
    'a number that is none': [
      { 'change-number': 'CHG^ORnumber' },
      /`change-number` must be a number as the instance gives it/
    ],
    'attachments that are no list': [{ attachments: 'name: x' }, /`attachments` must be a YAML list/],
    'an attachment without a file': [{ attachments: '- name: x' }, /`attachments`: entry 1 needs a `file`/],
    'an attachment that is not there': [{ attachments: '- nothing.xml' }, /"nothing\.xml"/]
  },
  DEPLOYMENT
)

refusals('create-change', { 'no short description': [{}, /`short-description` is required/] })

refusals(
  'wait-approval',
  {
    'a misspelt state': [
      { 'proceed-states': 'scheduled, implemnt' },
      /`proceed-states` holds `implemnt`; did you mean `implement`/
    ],
    'a gate open for what is over': [{ 'proceed-states': 'scheduled, closed' }, /cannot hold closed/],
    'a pause too short': [{ 'poll-interval': '0' }, /`poll-interval` must be at least 1s/],
    'a wrong value for the window': [
      { 'change-window': 'no' },
      /`change-window` must be one of `respect`, `ignore`/
    ],
    'a wrong boolean': [{ 'require-approval': '1' }, /`require-approval` must be `true` or `false`/]
  },
  NAMED
)

refusals(
  'update-change',
  {
    'nothing to do': [{}, /nothing to do/],
    'nothing to write': [{ fields: '{}' }, /nothing to do/],
    'a wrong state alone': [{ state: 'implemented' }, /^(?!.*nothing to do).*`state` must be a state/s],
    'closed without a close code': [{ state: 'closed' }, /`state: closed` needs `close-code`/],
    'a close code twice decided': [
      { state: 'by-job-status', 'job-status': 'success', 'close-code': 'successful' },
      /`close-code` is decided by/
    ],
    'close notes for a cancellation': [{ state: 'canceled', 'close-notes': 'x' }, /`close-notes` goes with/],
    'an unknown state': [{ state: 'done' }, /`state` must be a state .*by-job-status.*`done`/],
    'a hold without a reason': [{ 'on-hold': 'true' }, /`on-hold: true` needs `on-hold-reason`/],
    'a reason without a hold': [{ 'on-hold-reason': 'x' }, /`on-hold-reason` goes with/],
    'a job status nobody has': [
      { state: 'by-job-status', 'job-status': 'fine' },
      /`job-status` must be success, failure, cancelled or skipped/
    ],
    'no job at all': [{ state: 'by-job-status', 'job-status': '{}' }, /`job-status` must be/],
    'a job status without its state': [
      { state: 'review', 'job-status': 'success' },
      /`job-status` goes with/
    ],
    'control fields': [{ fields: 'state: 3' }, /"state" steers the change itself/]
  },
  NAMED
)

refusals(
  'attach-evidence',
  {
    'nothing to attach': [{}, /nothing to attach/],
    'a wrong value for no files': [{ files: '*.xml', 'if-no-files-found': 'fail' }, /`if-no-files-found`/],
    'a wrong value for what exists': [{ files: '*.xml', 'if-exists': 'replace' }, /`if-exists`/]
  },
  NAMED
)

scenario('all problems at once, in one annotation', {}, world =>
  refused(
    world,
    'create-change',
    {
      instance: 'ftp://acme',
      'dry-run': 'perhaps',
      'start-date': 'tomorrow',
      fields: 'state: 3',
      'asignment-group': 'x',
      'max-retries': '-1',
      'correlation-id': '^'
    },
    [
      /`instance`/,
      /`dry-run`/,
      /`start-date`/,
      /"state"/,
      /`asignment-group`/,
      /`max-retries`/,
      /`correlation-id`/,
      /`short-description` is required/
    ]
  )
)

scenario('credentials in the instance are not repeated', {}, async world => {
  const inputs = { ...DEPLOYMENT, instance: 'https://me:open-sesame@acme.service-now.com' }
  await refused(world, 'create-change', inputs, [/`instance`/])
  expect(world.job.steps[0]?.log).not.toContain('open-sesame')
})

scenario('a secret in the wrong place is not repeated', {}, async world => {
  // The harness searches everything the step writes for it.
  const inputs = { ...DEPLOYMENT, password: 'hunter2-hunter2', 'dry-run': 'hunter2-hunter2' }
  await refused(world, 'create-change', inputs, [/`dry-run`/])
})

scenario('an unknown input is a warning', {}, async ({ job }) => {
  const step = await job.pass('create-change', { ...DEPLOYMENT, 'favourite-colour': 'blue' })
  expect(step.warnings).toEqual([expect.stringContaining('`favourite-colour` is not an input')])
})

scenario('both spellings with the same value are fine', {}, async ({ sandbox, job }) => {
  const step = await job.pass('create-change', {
    ...DEPLOYMENT,
    assignment_group: 'DevOps Team',
    DRY_RUN: 'FALSE',
    'request-timeout': '1m30s'
  })
  expect(step.warnings).toEqual([])
  expect(sandbox.rows('change_request')).toHaveLength(1)
})

scenario(
  'a standard change without a template on the Table API stays in New',
  {
    api: 'table'
  },
  async ({ sandbox, job }) => {
    const step = await job.pass('create-change', { ...DEPLOYMENT, type: 'standard' })
    expect(step.outputs).toMatchObject({ 'change-type': 'standard', 'change-state': 'new' })
    expect(step.warnings).toEqual([expect.stringContaining('submitted by a person')])
    expect(sandbox.rows('change_request')).toHaveLength(1)
  }
)

scenario('fields of every kind reach the record', {}, async ({ sandbox, job }) => {
  const step = await job.pass('create-change', {
    ...DEPLOYMENT,
    fields:
      'cab_required: true\nscope: 4\nrisk-impact-analysis: |\n  one\n  two\nwork_start: 2031-03-01T22:00:00+02:00'
  })
  expect(step.warnings).toEqual([])
  expect(sandbox.change(step.outputs['change-number'] ?? '')).toMatchObject({
    cab_required: 'true',
    scope: '4',
    risk_impact_analysis: expect.stringMatching(/^one\ntwo\n?$/),
    work_start: '2031-03-01 20:00:00'
  })
})
