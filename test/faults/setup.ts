/** What the scenarios start from: accounts, files, changes that are there already, and a person who approves. */
import { bindingOf } from '@change-actions/change-control'
import { ACCOUNTS, OAUTH_CLIENTS, type Sandbox } from '@change-actions/sandbox'
import type { Api, Planted } from './scenario.ts'
import type { World } from './world.ts'

export const CLIENT = {
  SERVICENOW_CLIENT_ID: OAUTH_CLIENTS[0]?.id ?? '',
  SERVICENOW_CLIENT_SECRET: OAUTH_CLIENTS[0]?.secret ?? ''
}

export const TITLE = 'Deploy the shop'
export const TEMPLATE = 'app-deployment-template'

const REPORT = `<testsuite name="smoke" tests="3" failures="0">${'<testcase name="a"/>'.repeat(3)}</testsuite>\n`

export const FILES = {
  'plan.md': '# Plan\n\nReplace the pods one by one.\n',
  'smoke.xml': REPORT,
  'deploy.log': 'pod 1 replaced\npod 2 replaced\n'.repeat(40)
}

/** Where changes are over this API. */
export function changesOn(api: Api): string {
  return api === 'table' ? '/api/now/table/change_request' : '/api/sn_chg_rest/v1/change'
}

export function plant(sandbox: Sandbox, fields: Readonly<Record<string, string>>): Planted {
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

/** The binding of a change that an earlier run of this repository made. */
export const BOUND = bindingOf({
  commit: 'a'.repeat(40),
  runId: '1000',
  serverUrl: 'https://github.com',
  repository: 'change-actions/servicenow',
  environment: ''
})

export const APPROVED = { state: '-2', approval: 'approved' }

/** A change that waits for its approval: planted in New, submitted by an administrator. */
export async function submitted(sandbox: Sandbox): Promise<Planted> {
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

/** Anna approves after the second poll that got a response, or when that takes too long. */
export function approves(world: World): void {
  const { sandbox, planted } = world
  const polls = () =>
    world.requests.filter(one => one.path.endsWith(`/${planted.sysId}`) && one.status === 200).length
  const approve = () => sandbox.approve(planted.sysId)
  const polled = sandbox.waitFor(() => polls() >= 2, 60_000)
  Promise.race([polled, world.elapsed(10_000)])
    .then(approve)
    .catch(() => undefined)
  polled.catch(() => undefined)
}
