/** Messages to the companion application: a flow that is started and followed, and an event. */
import type { Sandbox } from '@change-actions/sandbox'
import {
  companionScripts,
  FLOWS,
  SIGNING_SECRET
} from '../../packages/change-operations/src/testing/companion.ts'
import type { Scenario } from './scenario.ts'
import { CLIENT, plant } from './setup.ts'

const scripts = await companionScripts()

const SIGNED = { 'request-timeout': '6s', environment: 'production', 'signing-secret': SIGNING_SECRET }

const DOOR = {
  // What the doors have of their own; the rest is the same code as in every other scenario.
  api: 'table',
  account: CLIENT,
  sandbox: { scripts }
} as const

export const RUN_FLOW: Scenario = {
  ...DOOR,
  name: 'run-flow, its change compared',
  script: 'run-flow',
  like: 'wait-approval, approved meanwhile',
  inputs: () => ({ ...SIGNED, flow: FLOWS.wait, timeout: '30', 'poll-interval': '1' }),
  prepare(sandbox) {
    sandbox.onRequest(() => endAfterPoll(sandbox))
    return { number: '', sysId: '' }
  },
  isDone: ([change, ...more]) => more.length === 0 && /^gha2 /.test(change?.fields.correlation_display ?? '')
}

export const SEND_EVENT: Scenario = {
  ...DOOR,
  name: 'send-event, which starts a flow',
  script: 'send-event',
  like: RUN_FLOW.name,
  // Without it the next attempt sends another event.
  inputs: () => ({ ...SIGNED, event: 'deployment.requested', 'delivery-id': 'release-7' }),
  settle: sandbox => sandbox.waitFor(() => contexts(sandbox).every(row => isOver(row.state)), 60_000),
  isDone: ([change, ...more]) => more.length === 0 && change?.fields.state === '-4'
}

/**
 * What the flow does, once the step has polled it: a flow that takes its own time would be polled more often in one run
 * than in another.
 */
function endAfterPoll(sandbox: Sandbox): void {
  if (!sandbox.requests.some(one => one.path.includes('/deliveries/'))) return
  for (const { sys_id: id, state, inputs } of contexts(sandbox)) {
    if (isOver(state)) continue
    const { number, sysId } = changeOf(sandbox, JSON.parse(inputs ?? '{}'))
    const outputs = JSON.stringify({ change_sys_id: sysId, change_number: number })
    sandbox.set('sys_flow_context', id, { state: 'COMPLETE', outputs })
  }
}

interface Correlation {
  readonly correlation_id: string
  readonly correlation_display: string
}

/** The change of the deployment, which is made when it is not there. */
function changeOf(sandbox: Sandbox, { correlation_id, correlation_display }: Correlation) {
  const made = sandbox.rows('change_request').find(row => row.correlation_id === correlation_id)
  if (made !== undefined) return { number: made.number ?? '', sysId: made.sys_id }
  const change = plant(sandbox, { correlation_id, correlation_display })
  sandbox.set('change_request', change.sysId, { sys_created_by: 'gha.deployer' })
  return change
}

const contexts = (sandbox: Sandbox) => sandbox.rows('sys_flow_context')

const isOver = (state = '') => state === 'COMPLETE' || state === 'ERROR'
