/** Checks the records of the sandbox at the end of the demo. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { attachments, rows } from './instance.mjs'

/**
 * Reads a change and checks that it is closed as successful, approved, has its evidence, and is the only change.
 *
 * @param {string} instance
 * @param {string} sysId
 * @param {string[]} evidence paths of the files that must be attached
 * @returns {Promise<{ record: [string, string][], faults: string[] }>} labels and values; failed checks
 */
export async function checkRecord(instance, sysId, evidence) {
  const changes = await rows(instance, 'change_request', '')
  const change = changes.find(row => row.sys_id?.value === sysId)
  if (change === undefined) return { record: [], faults: ['the change does not exist in the instance'] }
  const approvals = await rows(instance, 'sysapproval_approver', `sysapproval=${sysId}`)
  const attached = await attachments(instance, sysId)
  const text = (/** @type {string} */ name) => change[name]?.display_value ?? ''
  const approved = approvals.filter(row => row.state?.value === 'approved')
  const checks = /** @type {[boolean, string][]} */ ([
    [changes.length === 1, `there are ${changes.length} changes, not 1`],
    [text('state') === 'Closed', `the state is ${text('state')}, not Closed`],
    [change.close_code?.value === 'successful', `the close code is ${text('close_code')}, not successful`],
    [change.approval?.value === 'approved', `the approval is ${text('approval')}, not approved`],
    [approved.length === 1, `${approved.length} approvers approved it, not 1`],
    [attached.length === evidence.length, `it has ${attached.length} attachments, not ${evidence.length}`],
    ...evidence.map(file => [
      isAttached(file, attached),
      `${basename(file)} is not attached, or its content differs`
    ])
  ])
  const approvers = approved.map(row => row.approver?.display_value).join(', ') || 'nobody'
  const record = /** @type {[string, string][]} */ ([
    ['Number', text('number')],
    ['Short description', text('short_description')],
    ['Type', text('type')],
    ['State', text('state')],
    ['Approval', `${text('approval')} by ${approvers}`],
    ['Close code', text('close_code')],
    ['Close notes', text('close_notes')],
    ['Actual start, end', `${change.work_start?.value} – ${change.work_end?.value} UTC`],
    ['Attachments', attached.map(one => `${one.name} (${one.bytes.length} bytes)`).join(', ')],
    ['Work notes', text('work_notes').trim()]
  ])
  return { record, faults: checks.flatMap(([passed, fault]) => (passed ? [] : [fault])) }
}

/**
 * @param {string} file
 * @param {{ name: string, bytes: Buffer }[]} attached
 */
function isAttached(file, attached) {
  return attached.some(one => one.name === basename(file) && one.bytes.equals(readFileSync(file)))
}
