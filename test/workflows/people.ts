import type { Sandbox } from '@change-actions/sandbox'
import type { Scenario } from './scenario.ts'

const APPROVER = 'anna.approver'
const MAX_WAIT_MS = 600_000

/** Does what the people of a scenario do, until the sandbox stops. Resolves with what went wrong, if anything. */
export async function decide(people: Scenario['people'], sandbox: Sandbox): Promise<unknown> {
  try {
    if (typeof people === 'function') await people(sandbox)
    else if (people !== 'nothing') await decideAll(people ?? 'approve', sandbox)
    return undefined
  } catch (error) {
    return error
  }
}

async function decideAll(verdict: 'approve' | 'reject', sandbox: Sandbox): Promise<never> {
  for (;;) {
    const change = await approvalRequested(sandbox)
    if (verdict === 'approve') sandbox.approve(change, APPROVER, 'Go ahead.')
    else sandbox.reject(change, 'Not during the quarter-end freeze.', APPROVER)
  }
}

/** The next change that waits for an approver's decision. */
export function approvalRequested(sandbox: Sandbox, approver = APPROVER): Promise<string> {
  const waiting = () =>
    sandbox
      .rows('change_request')
      .find(change =>
        sandbox
          .approvers(change.sys_id)
          .some(row => row.state === 'requested' && row.approver_name === approver)
      )?.sys_id
  return sandbox.waitFor(waiting, MAX_WAIT_MS)
}
