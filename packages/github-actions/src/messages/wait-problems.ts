/** How a wait for approval can end without it, by its outcome. */
import type { TimeoutFacts, WaitFacts } from '@change-actions/change-operations'
import { commentOf, pendingText } from './change-texts.ts'
import { type ChangeExplanations, type Explanation, sentence } from './explanation.ts'
import { reasonText } from './reasons.ts'

/** A wait: what happened is the reason of the decision, and the comments of those who rejected. */
function wait(word: string, cause: string, fix: string): Explanation<WaitFacts> {
  return {
    title: `Change {number}: ${word}`,
    happened: ({ reason, rejections }) =>
      [sentence(reasonText(reason)), ...rejections.flatMap(commentOf)].join('\n'),
    cause,
    obvious: true,
    fix
  }
}

const NEW_ONE =
  'run the job again, with the step that creates the change: a new one is made; where `change-number` names the change, give the number of another one'

const REQUEST_IT =
  'request approval: run create-change with `request-approval: true`, or have the change submitted in ServiceNow'

function timeoutText({ reason, timeoutMs, pending, last }: TimeoutFacts): string {
  const seconds = `no decision within ${Math.round(timeoutMs / 1000)} s`
  if (last !== undefined) return sentence(`${seconds}, and the last poll failed`)
  const checked = timeoutMs === 0 ? 'checked once, and the deployment may not begin yet' : seconds
  const why = reason === undefined ? '' : `: ${reasonText(reason)}`
  const who = pendingText(pending)
  return sentence(`${checked}${why}${who === '' ? '' : `. ${who}`}`)
}

const APPROVER_FIXES = {
  'no-row':
    'have a person approve the change in ServiceNow, and have its approval policy ask for one; `require-approver: false` accepts an approval that no person gave',
  'self-approved':
    'have somebody approve it who neither created, opened nor requested the change; `self-approval: allow` accepts the approval of those who did',
  'requester-unknown':
    "cancel the change and run the job again with `requested-by`, for example the e-mail address of the workflow's actor; `self-approval: allow` does not ask who requested it",
  unreadable:
    'give the service account read access to the table {table} (of sys_user the field user_name); `require-approver: false` with `self-approval: allow` does not ask who approved'
}

/** In the order of the troubleshooting page. */
export const WAIT_EXPLANATIONS = {
  unbound: wait(
    'unbound',
    'the binding in correlation_display was emptied or overwritten, or the change was approved before it was bound and `require-binding` is set',
    'cancel the change and run the job again, which makes a new one; find out who or which rule writes to correlation_display'
  ),
  rejected: wait(
    'rejected',
    'an approver said no; the comments are in the message',
    'read the comments and correct what was objected to; then cancel the change and run the job again, which makes a new one, or set `resubmit: true` to have this one submitted again; where `change-number` names the change, give the number of another one'
  ),
  canceled: wait('canceled', 'somebody canceled the change', NEW_ONE),
  closed: wait('closed', 'the change is closed: it was already used for a deployment', NEW_ONE),
  unauthorized: wait(
    'unauthorized',
    'the change is marked as unauthorized',
    'have a change manager check the change: it is marked as unauthorized'
  ),
  'window-closed': wait(
    'window-closed',
    'the planned end has passed, or less than minimum-window is left before it',
    'change the planned dates in ServiceNow, or cancel the change and run the job again with new ones (inputs do not change a change that was submitted); set `change-window: ignore` if the window does not bind this deployment'
  ),
  'window-not-open': wait(
    'window-not-open',
    'the planned start lies after the end of the wait, or after the planned end',
    'run the job nearer to the planned start, or raise `timeout`'
  ),
  withdrawn: wait(
    'withdrawn',
    'approval was requested and then taken back: the change is in New again',
    'request approval again (create-change), or cancel the change'
  ),
  'not-requested': wait('not-requested', 'nobody requested approval: the change is in New', REQUEST_IT),
  'stale-approval': {
    ...wait(
      'stale-approval',
      'the change was made for another commit, or for other artifacts, than this run deploys',
      'cancel the change and run the job again, so that this commit gets a change of its own, or set `allow-new-commit: true`; where `change-number` names the change, give the number of another one'
    ),
    variants: {
      'other-digests': {
        cause: 'the change was made for other artifacts than the ones in `artifact-digest`',
        fix: 'deploy what was approved, or cancel the change and run the job again, so that these artifacts get a change of their own; `allow-new-commit` does not lift this'
      },
      'digests-unknown': {
        cause:
          'the change was made without `artifact-digest`, or the account may not read who wrote its notes (table sys_journal_field)',
        fix: 'give `artifact-digest` to the step that creates the change as well, and either `binding-key` to all steps or the service account read access to the table sys_journal_field; without `artifact-digest` the commit alone is compared'
      }
    },
    variant: ({ reason }: WaitFacts) =>
      reason.code === 'other-digests' || reason.code === 'digests-unknown' ? reason.code : undefined
  },
  'no-approver': {
    ...wait('no-approver', 'no approval of a person counts; the message says why', APPROVER_FIXES['no-row']),
    variants: {
      'self-approved': { fix: APPROVER_FIXES['self-approved'] },
      'requester-unknown': { fix: APPROVER_FIXES['requester-unknown'] },
      unreadable: { fix: APPROVER_FIXES.unreadable }
    },
    variant: ({ reason }: WaitFacts) => (reason.code === 'no-approver' ? reason.problem.kind : undefined),
    values: ({ reason }: WaitFacts): Readonly<Record<string, string>> => {
      const unreadable = reason.code === 'no-approver' && reason.problem.kind === 'unreadable'
      return unreadable ? { table: reason.problem.table } : {}
    }
  },
  edited: wait(
    'edited',
    'fields were changed after the approval was requested, so what was approved is not what is there',
    'cancel the change and run the job again, which makes a new one; `edits-after-submission: warn` goes on with a warning'
  ),
  'unexpected-state': wait(
    'unexpected-state',
    'the change is in a state that is neither one to proceed in nor one to wait in',
    'check the change; list the state in `proceed-states` or `wait-states` if it is one of those, or say with `states` what it counts as'
  ),
  timeout: {
    title: 'Change {number}: timeout',
    happened: timeoutText,
    cause:
      'nobody decided in time, or the change is on hold; the message says which, and who has yet to approve',
    obvious: true,
    fix: 'remind the approvers (or have the hold taken off), raise `timeout`, or run the job again once it is approved',
    variants: {
      'never-requested': { cause: 'nobody requested approval: the change is in New', fix: REQUEST_IT }
    },
    variant: ({ reason }: TimeoutFacts) =>
      reason?.code === 'never-requested' ? 'never-requested' : undefined
  }
} satisfies Partial<ChangeExplanations>
