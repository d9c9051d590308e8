/** Flows and events: the companion application runs in the sandbox. */
import assert from 'node:assert/strict'
import { bindingOf } from '@change-actions/change-control'
import {
  companionScripts,
  SIGNING_SECRET
} from '../../../packages/change-operations/src/testing/companion.ts'
import { approvalRequested } from '../people.ts'
import type { Played, Scenario, World } from '../scenario.ts'
import {
  ALWAYS,
  assertChanges,
  assertDeployed,
  assertError,
  assertNotDeployed,
  CANCELED,
  deploy,
  example,
  plantOwn,
  REJECTED,
  STATE,
  SUCCESSFUL
} from './examples-kit.ts'

const COMPANION = {
  sandbox: { scripts: await companionScripts() },
  secrets: { SERVICENOW_SIGNING_SECRET: SIGNING_SECRET }
} as const

const eventsIn = ({ sandbox }: Pick<Played, 'sandbox'>) =>
  sandbox.rows('x_chgact_delivery').map(row => row.name)

const FLOW_DRIVEN = [
  example('flow-driven', {
    ...COMPANION,
    name: 'the flow makes the change, the board approves: deployed, closed as successful',
    check(played) {
      const [change] = assertChanges(played, { ...SUCCESSFUL, type: 'normal' })
      assertDeployed(played, ['deploy production', change])
      assert.equal(played.sandbox.rows('sys_flow_context').length, 1)
    }
  }),
  example('flow-driven', {
    ...COMPANION,
    name: 'rejected: nothing is deployed',
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, REJECTED)
      assertNotDeployed(played)
    }
  }),
  example('flow-driven', {
    ...COMPANION,
    secrets: { SERVICENOW_SIGNING_SECRET: 'another secret' },
    name: 'a wrong signature: no flow, no change, nothing is deployed',
    people: 'nothing',
    expected: 'failure',
    check(played) {
      assertChanges(played)
      assert.deepEqual(played.sandbox.rows('sys_flow_context'), [])
      assertError(played, /wrong signature$/)
      assertNotDeployed(played)
    }
  })
]

/** The change that a flow made for the commit, and the inputs of the run that is started when it is approved. */
function started({ sandbox, commitOf }: World) {
  const where = { serverUrl: 'https://github.com', repository: 'acme-bank/shop', environment: 'production' }
  const line = bindingOf({ commit: commitOf('HEAD'), runId: '41', ...where })
  const change = plantOwn(sandbox, { correlation_display: line, state: STATE.scheduled })
  const number = sandbox.change(change)?.number ?? ''
  return {
    inputs: { 'change-number': number, 'change-sys-id': change, environment: 'production' },
    payload: { inputs: { 'change-number': number } }
  }
}

const EVENT_DRIVEN = [
  example('event-driven', {
    ...COMPANION,
    name: 'a tag asks for it: the flow has made a bound change and asked for its approval; nothing is deployed',
    people: 'nothing',
    async check(played) {
      await approvalRequested(played.sandbox)
      const [change] = assertChanges(played, { approval: 'requested' })
      assert.match(change?.correlation_display ?? '', /^gha2 [0-9a-f]{40} /)
      assert.deepEqual(eventsIn(played), ['deployment.requested'])
      assertNotDeployed(played)
    }
  }),
  example('event-driven', {
    ...COMPANION,
    name: 'started for an approved change: deployed, closed as successful, and told',
    event: 'workflow_dispatch',
    people: 'nothing',
    setUp: started,
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      assertDeployed(played, ['deploy production', change])
      assert.deepEqual(eventsIn(played), ['deployment.succeeded'])
    }
  }),
  example('event-driven', {
    ...COMPANION,
    name: 'the deployment fails: told as failed',
    event: 'workflow_dispatch',
    files: deploy(ALWAYS),
    people: 'nothing',
    expected: 'failure',
    setUp: started,
    check: played => assert.deepEqual(eventsIn(played), ['deployment.failed'])
  })
]

/** The group has somebody whom the flow tells. */
function withManager({ sandbox }: World) {
  const named = (table: string, field: string, name: string) =>
    sandbox.rows(table).find(row => row[field] === name)?.sys_id ?? ''
  const manager = named('sys_user', 'user_name', 'dora.devops')
  sandbox.set('sys_user_group', named('sys_user_group', 'name', 'DevOps Team'), { manager })
  return {}
}

const CVE = { 'cve-id': 'CVE-2026-12345', justification: 'It is exploited' }

const EMERGENCY_EVENT = [
  example('emergency-event', {
    ...COMPANION,
    name: 'ServiceNow is told, the board approves: an emergency change, closed as successful',
    event: 'workflow_dispatch',
    inputs: CVE,
    setUp: withManager,
    check(played) {
      const [change] = assertChanges(played, { ...SUCCESSFUL, type: 'emergency' })
      assertDeployed(played, ['deploy production', change])
      assert.deepEqual(eventsIn(played), ['change.urgent'])
      const request = played.sandbox.requests.find(one => one.path.endsWith('/events'))
      const { event, data, correlation_id: id } = JSON.parse(request?.json ?? '{}')
      assert.deepEqual(
        [event, data.change_number, id],
        ['change.urgent', change?.number, change?.correlation_id]
      )
      assert.deepEqual(
        played.sandbox.rows('sysevent').flatMap(row => (row.name === 'x_chgact.notify' ? [row.parm2] : [])),
        [`${change?.number} waits for your approval`]
      )
    }
  }),
  example('emergency-event', {
    ...COMPANION,
    name: 'nobody can be told, and it is rejected: canceled, nothing is deployed',
    secrets: { SERVICENOW_SIGNING_SECRET: 'another secret' },
    event: 'workflow_dispatch',
    inputs: CVE,
    people: 'reject',
    expected: 'failure',
    check(played) {
      assertChanges(played, { ...CANCELED, type: 'emergency' })
      assert.deepEqual(eventsIn(played), [])
      assertNotDeployed(played)
    }
  })
]

export const FLOWS: readonly Scenario[] = [...FLOW_DRIVEN, ...EVENT_DRIVEN, ...EMERGENCY_EVENT]
