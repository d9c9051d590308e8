/** What the steps are made to do while the instance fails them: one scenario for each action and variant. */

import { correlationScope } from '@change-actions/change-control'
import { ACCOUNTS, OAUTH_CLIENTS, type Sandbox, type SandboxOptions } from '@change-actions/sandbox'
import type { Script } from './bundles.ts'
import type { ChangeRecord } from './record.ts'
import type { World } from './world.ts'

export type Api = 'change-management' | 'table'

/** A change that is there before the step. */
export interface Planted {
  readonly number: string
  readonly sysId: string
  /** What the main step saved for the post step. */
  readonly state?: Readonly<Record<string, string>>
}

export interface Scenario {
  readonly name: string
  readonly script: Script
  readonly api: Api
  readonly sandbox?: SandboxOptions
  /** Credentials in the environment. */
  readonly account: Readonly<Record<string, string>>
  inputs(planted: Planted): Readonly<Record<string, string>>
  /** Sets the instance up; returns the change the step is about, when there is one. */
  prepare?(sandbox: Sandbox): Promise<Planted> | Planted
  /** Somebody who acts while the step runs. */
  person?(world: World): void
  /** Scenario whose requests are struck already where both send them; default: the one of this name. */
  readonly like?: string
  /** The attempt that follows a failed one; 1 for a post step, which no runner repeats by itself. */
  readonly nextAttempt?: number
  /** The undisturbed run's request whose answer names the change, as `method path`, ids and query left out. */
  readonly naming?: string
  /** What an undisturbed run must leave behind; every other run is then held to the same record. */
  isDone(changes: readonly ChangeRecord[]): boolean
}

export const REPORT = `<testsuite name="smoke" tests="3" failures="0">${'<testcase name="a"/>'.repeat(3)}</testsuite>\n`

export const FILES = {
  'plan.md': '# Plan\n\nReplace the pods one by one.\n',
  'smoke.xml': REPORT,
  'deploy.log': 'pod 1 replaced\npod 2 replaced\n'.repeat(40)
}

const CLIENT = {
  SERVICENOW_CLIENT_ID: OAUTH_CLIENTS[0]?.id ?? '',
  SERVICENOW_CLIENT_SECRET: OAUTH_CLIENTS[0]?.secret ?? ''
}

const STANDARD = 'create-change, standard from a template'
const TEMPLATE = 'app-deployment-template'
const TITLE = 'Deploy the shop'
const CORRELATION = 'shop-42'

function plant(sandbox: Sandbox, fields: Readonly<Record<string, string>>): Planted {
  const group = sandbox.rows('sys_user_group').find(row => row.name === 'DevOps Team')
  const values = {
    short_description: TITLE,
    type: 'normal',
    assignment_group: group?.sys_id ?? '',
    ...fields
  }
  const sysId = sandbox.insert('change_request', values)
  return { sysId, number: sandbox.change(sysId)?.number ?? '' }
}

const APPROVED = { state: '-2', approval: 'approved' }

/** A change whose approvers are being asked: planted in New, submitted by an administrator. */
async function submitted(sandbox: Sandbox): Promise<Planted> {
  const planted = plant(sandbox, {})
  const admin = ACCOUNTS.find(account => account.userName === 'admin')
  await fetch(`${sandbox.url}/api/now/table/change_request/${planted.sysId}`, {
    method: 'PATCH',
    headers: {
      Authorization: `Basic ${Buffer.from(`admin:${admin?.password}`).toString('base64')}`,
      'Content-Type': 'application/json'
    },
    body: JSON.stringify({ state: '-4' })
  })
  await sandbox.waitFor(() => sandbox.approvers(planted.sysId).some(row => row.state === 'requested'))
  return planted
}

/** Anna approves after the second look that got an answer, or when she has waited for it long enough. */
function approves(world: World): void {
  const { sandbox, planted } = world
  const looks = () =>
    world.requests.filter(one => one.path.endsWith(`/${planted.sysId}`) && one.status === 200).length
  const approve = () => sandbox.approve(planted.sysId)
  sandbox
    .waitFor(() => looks() >= 2, 4_000)
    .then(approve, approve)
    .catch(() => undefined)
}

const changePath = (api: Api) =>
  api === 'table' ? '/api/now/table/change_request' : '/api/sn_chg_rest/v1/change'

/** The scenarios that differ between the two APIs in nothing but the requests. */
function scenariosOn(api: Api): Scenario[] {
  const path = changePath(api)
  const found = `GET ${path}`
  return [
    {
      name: 'create-change, normal',
      script: 'create-change',
      api,
      account: CLIENT,
      inputs: () => ({
        'short-description': TITLE,
        'assignment-group': 'DevOps Team',
        'cmdb-ci': 'prod-k8s-cluster',
        risk: 'low',
        'work-notes': 'Made by the pipeline.',
        attachments: '- plan.md'
      }),
      naming: api === 'table' ? `POST ${path}` : `POST ${path}/normal`,
      isDone: changes =>
        changes.length === 1 &&
        changes[0]?.fields.state === '-4' &&
        changes[0].attachments.length === 1 &&
        changes[0].notes.length === 1
    },
    {
      name: STANDARD,
      script: 'create-change',
      api,
      account: CLIENT,
      inputs: () => ({
        'short-description': TITLE,
        'standard-change-template': TEMPLATE,
        'cmdb-ci': 'prod-k8s-cluster',
        'work-notes': 'Made by the pipeline.',
        attachments: '- plan.md'
      }),
      naming: api === 'table' ? `POST ${path}` : `POST ${path}/standard/:id`,
      isDone: changes =>
        changes.length === 1 &&
        changes[0]?.fields.state === '-2' &&
        changes[0].attachments.length === 1 &&
        changes[0].notes.length === 1
    },
    {
      name: 'create-change, taking up a draft with a rival',
      script: 'create-change',
      api,
      account: CLIENT,
      inputs: () => ({
        'short-description': TITLE,
        risk: 'high',
        'correlation-id': CORRELATION,
        'work-notes': 'Taken up by the pipeline.',
        attachments: '- plan.md'
      }),
      prepare: sandbox => {
        const drafts = [1, 2].map(minute => {
          const draft = plant(sandbox, { correlation_id: CORRELATION, risk: '4' })
          sandbox.set('change_request', draft.sysId, { sys_created_on: `2026-01-05 09:0${minute}:00` })
          return draft
        })
        return drafts[0] as Planted
      },
      naming: found,
      isDone: changes =>
        changes.length === 2 &&
        changes[0]?.fields.state === '-4' &&
        changes[0].fields.risk === '2' &&
        changes[0].attachments.length === 1 &&
        changes[1]?.fields.state === '4' &&
        changes[1].notes.length === 1
    },
    {
      name: 'wait-approval, approved meanwhile',
      script: 'wait-approval',
      api,
      account: CLIENT,
      sandbox: { approvalDelayMs: 0 },
      inputs: ({ sysId }) => ({ 'change-sys-id': sysId, timeout: '10', 'poll-interval': '1' }),
      prepare: submitted,
      person: approves,
      naming: `GET ${path}/:id`,
      isDone: changes => changes[0]?.fields.approval === 'approved' && changes[0].fields.state === '-2'
    },
    {
      name: 'update-change, to Implement',
      script: 'update-change',
      api,
      account: CLIENT,
      inputs: ({ number }) => ({
        'change-number': number,
        state: 'implement',
        'work-notes': 'Deployment started.'
      }),
      prepare: sandbox => plant(sandbox, APPROVED),
      naming: found,
      isDone: ([change]) => change?.fields.state === '-1' && change.notes.length === 1
    },
    {
      name: 'update-change, Implement to Closed',
      script: 'update-change',
      api,
      account: CLIENT,
      inputs: ({ number }) => ({
        'change-number': number,
        state: 'closed',
        'close-code': 'successful',
        'close-notes': 'All pods replaced.',
        'work-notes': 'Deployment finished.',
        'change-tasks': 'close'
      }),
      prepare: sandbox => {
        const change = plant(sandbox, { ...APPROVED, state: '-1' })
        const { sysId } = change
        sandbox.insert('change_task', {
          parent: sysId,
          change_request: sysId,
          short_description: 'Implement',
          state: '1'
        })
        return change
      },
      naming: found,
      isDone: ([change]) =>
        change?.fields.state === '3' &&
        change.fields.close_code === 'successful' &&
        change.notes.length === 1 &&
        change.tasks.every(task => task.state === '3')
    },
    {
      name: 'update-change, canceled',
      script: 'update-change',
      api,
      account: CLIENT,
      inputs: ({ number }) => ({
        'change-number': number,
        state: 'canceled',
        'work-notes': 'Not needed any more.'
      }),
      prepare: sandbox => plant(sandbox, APPROVED),
      naming: found,
      isDone: ([change]) => change?.fields.state === '4' && change.notes.length === 1
    },
    {
      name: 'attach-evidence, two files and a note',
      script: 'attach-evidence',
      api,
      account: CLIENT,
      inputs: ({ number }) => ({ 'change-number': number, files: 'smoke.xml\ndeploy.log' }),
      prepare: sandbox => plant(sandbox, { ...APPROVED, state: '-1' }),
      naming: found,
      isDone: ([change]) => change?.attachments.length === 2 && change.notes.length === 1
    }
  ]
}

/** Where the account may not read the look-up tables, the Table API takes names in a request of their own. */
const NAMES: Scenario = {
  name: 'create-change, names for the instance to resolve',
  script: 'create-change',
  api: 'table',
  account: { ...CLIENT, SERVICENOW_USERNAME: 'gha.narrow', SERVICENOW_PASSWORD: 'narrow-password' },
  inputs: () => ({
    'short-description': TITLE,
    'assignment-group': 'DevOps Team',
    'cmdb-ci': 'prod-k8s-cluster',
    risk: 'low'
  }),
  naming: `POST ${changePath('table')}`,
  isDone: ([change, ...more]) =>
    more.length === 0 &&
    change?.fields.state === '-4' &&
    change.fields.risk === '4' &&
    /^[0-9a-f]{32}$/.test(change.fields.assignment_group ?? '') &&
    /^[0-9a-f]{32}$/.test(change.fields.cmdb_ci ?? '')
}

const GATE = {
  'standard-change-template': TEMPLATE,
  'cmdb-ci': 'prod-k8s-cluster',
  version: '1.2.3',
  environment: 'production'
}

/** The whole gate, short of nothing but a person: a template is approved by its catalogue. */
const GATE_MAIN: Scenario = {
  name: 'gate, standard change into Implement',
  script: 'gate',
  api: 'change-management',
  account: CLIENT,
  like: STANDARD,
  inputs: () => ({ ...GATE, attachments: '- plan.md', timeout: '10', 'poll-interval': '1' }),
  naming: 'POST /api/sn_chg_rest/v1/change/standard/:id',
  isDone: ([change, ...more]) =>
    more.length === 0 &&
    change?.fields.state === '-1' &&
    change.attachments.length === 1 &&
    change.notes.length === 1
}

const GATE_POST: Scenario = {
  name: 'gate, post step after a success',
  script: 'gate, post',
  api: 'change-management',
  account: CLIENT,
  nextAttempt: 1,
  inputs: () => ({ ...GATE, 'fail-on-post-error': 'true' }),
  prepare: sandbox => {
    const scope = correlationScope({
      serverUrl: 'https://github.com',
      repository: 'change-actions/servicenow',
      environment: 'production'
    })
    const change = plant(sandbox, {
      ...APPROVED,
      type: 'standard',
      state: '-1',
      work_notes: `Deployment started.\n[gha claim 1 1001 1 ${scope}]`
    })
    const gate = { ...change, created: true, supplied: false, phase: 'entered', times: [] }
    return { ...change, state: { gate: JSON.stringify(gate) } }
  },
  isDone: ([change]) =>
    change?.fields.state === '3' && change.fields.close_code === 'successful' && change.notes.length === 2
}

export const SCENARIOS: readonly Scenario[] = [
  ...scenariosOn('change-management'),
  GATE_MAIN,
  GATE_POST,
  ...scenariosOn('table'),
  NAMES
]
