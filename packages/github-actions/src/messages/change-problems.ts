/** What is wrong with a change, by the code of the operation that found it. */
import { stateLabel, stateValue } from '@change-actions/change-control'
import type {
  ChangeCode,
  ChangeProblems,
  MoveFacts,
  TimeoutFacts,
  TransitionFacts,
  WaitFacts
} from '@change-actions/change-operations'
import { commentOf, conflictText, differenceText, pendingText, valuesText } from './change-texts.ts'
import { type Explanation, sentence } from './explanation.ts'
import { reasonText } from './reasons.ts'

type Explanations = { readonly [C in ChangeCode]: Explanation<ChangeProblems[C]> }

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

function timeoutText({ reason, timeoutMs, pending, last }: TimeoutFacts): string {
  const seconds = `no decision within ${Math.round(timeoutMs / 1000)} s`
  if (last !== undefined) return sentence(`${seconds}, and the last poll failed`)
  const checked = timeoutMs === 0 ? 'checked once, and the deployment may not begin yet' : seconds
  const why = reason === undefined ? '' : `: ${reasonText(reason)}`
  const who = pendingText(pending)
  return sentence(`${checked}${why}${who === '' ? '' : `. ${who}`}`)
}

/** Why a change cannot move, by the reason of the plan. */
function cannotMove({ reason, state, target, type }: MoveFacts, number: string): string {
  const to = stateLabel(target)
  if (reason === 'finished') return `${number} is ${state} and cannot be moved to ${to}.`
  if (reason === 'behind') return `${number} is in ${state} and is not moved back to New.`
  if (reason === 'unknown-state')
    return `${number} is in "${state}", a state of this instance's own, from which no move to ${to} is known.`
  if (reason === 'by-approval-only')
    return `${number} cannot be moved to ${to}: it is in ${state}, and ServiceNow moves it on as approvals are given.`
  if (target === 'canceled') return `${number} is in ${state} and cannot be canceled: its work is done.`
  return `${type === 'emergency' ? 'An' : 'A'} ${type} change does not pass through ${to}.`
}

const APPROVAL_STEPS = {
  resubmit: { fix: 'correct what was objected to and submit the change again, or cancel it' },
  'submit-by-hand': {
    fix: 'have a person submit it for approval in ServiceNow: for a change of this kind no step can'
  },
  'request-approval': {
    fix: 'request approval (create-change with `request-approval: true`) and wait for it (wait-approval)'
  },
  'wait-for-scheduled': { fix: 'it is approved: wait until it is in Scheduled (wait-approval)' },
  'approve-by-hand': { fix: 'have it approved in ServiceNow: it came to Scheduled without an approval' },
  'wait-for-approvers': { fix: 'wait for the approvers first (wait-approval)' }
} as const

/** What the instance says about a move, as a line of its own; empty where it says nothing. */
export function transitionText({ next, allowed }: TransitionFacts): string {
  if (allowed === undefined || allowed.length === 0) return ''
  const label = stateLabel(next)
  const open = allowed.filter(state => state.available).map(state => state.label)
  const others = open.length === 0 ? 'none' : open.join(', ')
  const move = allowed.find(state => state.state === stateValue(next))
  if (move === undefined) return `The instance has no move to ${label} from here; it allows: ${others}.`
  if (move.unmet.length > 0) return `Conditions not met for ${move.label}: ${move.unmet.join(', ')}.`
  return `The instance allows now: ${others}.`
}

/** What a decision can stop with. */
const WAIT_TITLES = [
  'rejected',
  'canceled',
  'closed',
  'unauthorized',
  'window-closed',
  'window-not-open',
  'withdrawn',
  'stale-approval',
  'unexpected-state'
].map(word => `Change …: ${word}`)

/** Every problem with a change, in the order of the troubleshooting page. */
export const CHANGE_EXPLANATIONS: Explanations = {
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
  'stale-approval': wait(
    'stale-approval',
    'the change was made for another commit than the one this run deploys',
    'cancel the change and run the job again, so that this commit gets a change of its own, or set `allow-new-commit: true`; where `change-number` names the change, give the number of another one'
  ),
  'unexpected-state': wait(
    'unexpected-state',
    'the change is in a state that is neither one to proceed in nor one to wait in',
    'check the change; list the state in `proceed-states` or `wait-states` if it is one of those'
  ),
  timeout: {
    title: 'Change {number}: timeout',
    happened: timeoutText,
    cause:
      'nobody decided in time, or the change is on hold; the message says which, and who has yet to approve',
    obvious: true,
    fix: 'ask them (or have the hold taken off), raise `timeout`, or run the job again once it is approved'
  },
  'already-over': {
    title: 'Change {number}: {state}',
    titles: ['Change …: closed', 'Change …: canceled'],
    happened: ({ state }, number) => `${number} is ${stateLabel(state)} and cannot be used for a deployment.`,
    cause: 'the change that was named is closed or canceled',
    obvious: true,
    fix: 'give an open change, or leave `change-number` and `change-sys-id` out to have one created',
    values: ({ state }) => ({ state })
  },
  'already-used': {
    title: 'Change {number}: unexpected-state',
    happened: (_, number) => `${number} is in Review: it was already used for a deployment.`,
    cause: 'a deployment under this change is done',
    obvious: true,
    fix: 'use a new change for a new deployment'
  },
  'rejected-before': {
    title: 'Change {number}: rejected',
    happened: (_, number) => `${number} was rejected and is back in New.`,
    cause: 'the change of this deployment was rejected before',
    obvious: true,
    fix: 'correct what was objected to; then cancel the change and run the job again, which makes a new one, or set `resubmit: true` to have this one submitted again'
  },
  differs: {
    title: 'Change {number}: another type, CI or parent',
    happened: ({ fields }, number) =>
      `${number} is the open change of this deployment, but ${valuesText(fields)}, and the inputs give another value.`,
    cause: 'the open change of this deployment has another type, CI or parent than the inputs ask for',
    obvious: true,
    fix: 'cancel or close it, give the inputs it was made with, or give another `correlation-id` (`reuse: false` makes a new change)'
  },
  'foreign-change': {
    title: 'Change {number}: foreign-change',
    happened: ({ why }, number) =>
      `${number} was not made for this deployment: ${
        why.code === 'bound-elsewhere'
          ? 'it is bound to another repository or environment'
          : valuesText(why.fields)
      }.`,
    cause:
      'the change that was named, or found by its title, was made for another repository, environment, CI, group or template',
    obvious: true,
    fix: 'give the number of a change made for this deployment, correct the inputs or the policy, or set `allow-foreign-change: true` for a change bound to another repository'
  },
  'in-use': {
    title: 'Change {number}: in-use',
    happened: ({ holder, own }, number) => {
      if (own)
        return `${number} is claimed by this run for another environment, and an approval is for one environment.`
      const who = holder === undefined ? 'another run' : `run ${holder.runId} (attempt ${holder.attempt})`
      return `${number} is claimed by ${who}, which deploys under it.`
    },
    cause: 'another run, or this run for another environment, has claimed the change and deploys under it',
    obvious: true,
    fix: 'let that run finish; give the job the permission actions: read so that a completed run is recognised; set `take-over: true` when you know that the other run does not deploy any more',
    variants: {
      own: {
        fix: 'give each environment a change of its own (leave `correlation-id` and `change-number` out, or name the environment in `correlation-id`)'
      }
    },
    variant: ({ own }) => (own ? 'own' : undefined)
  },
  'notes-unreadable': {
    title: 'Change {number}: error',
    happened: (_, number) =>
      `The work notes of ${number} cannot be read, so it is not known whether another run deploys under it.`,
    cause: 'the account may not read the work notes',
    obvious: true,
    fix: 'give the service account read access to change_request.work_notes (role sn_change_read)'
  },
  'changed-after-approval': {
    title: 'Change {number}: {outcome}',
    titles: WAIT_TITLES,
    happened: ({ reason }, number) =>
      `${number} changed between its approval and the deployment: ${reasonText(reason)}.`,
    cause: 'somebody or a rule changed the change just before the deployment',
    obvious: true,
    fix: 'check the change, and run the job again once it is in order'
  },
  conflict: {
    title: 'Change {number}: conflict',
    happened: ({ conflicts }, number) => `${number} ${conflictText(conflicts)}.`,
    cause: 'conflict detection found another change, a blackout or a maintenance window at the same time',
    obvious: true,
    fix: 'plan another window, or have the conflict resolved'
  },
  'conflict-unfinished': {
    title: 'Change {number}: error',
    happened: (_, number) => `The conflict detection of ${number} did not finish within a minute.`,
    cause: 'the instance is busy, or its conflict detection does not run',
    fix: 'run the job again, or set `check-conflicts: warn`'
  },
  'needs-approval': {
    title: 'Change {number}: not approved',
    happened: ({ state, target, approval }, number) =>
      `${number} cannot be moved to ${stateLabel(target)}: it is in ${state} and its approval reads "${approval}".`,
    cause: 'the move leads beyond an approval that is not given',
    obvious: true,
    fix: 'run wait-approval first; where the change is still in New, request approval (create-change)',
    variants: APPROVAL_STEPS,
    variant: ({ next }) => next
  },
  'cannot-move': {
    title: 'Change {number}: cannot go to {target}',
    happened: cannotMove,
    cause: 'no move leads from where the change is to where it should go',
    obvious: true,
    fix: 'read the message: it names the state and the move; a change that is over needs a new change',
    variants: {
      ...APPROVAL_STEPS,
      finished: { fix: 'use a new change for a new deployment' },
      behind: { fix: 'revert it in ServiceNow, or leave it and create another' },
      'unknown-state': { fix: 'move it to a standard state in ServiceNow first' },
      canceled: { fix: 'close it instead, with the close code that is true' },
      skipped: { fix: 'name a state that it does pass through' }
    },
    variant: ({ reason, next, target }) => {
      if (reason === 'by-approval-only') return next
      if (reason !== 'no-path') return reason
      return target === 'canceled' ? 'canceled' : 'skipped'
    },
    values: ({ target }) => ({ target: stateLabel(target) })
  },
  'moves-back': {
    title: 'Change {number}: cannot go to {target}',
    happened: ({ moves, state }, number) =>
      `${number} was moved ${moves.length} times (${moves.join(', ')}) and is in ${state}.`,
    cause: 'rules of the instance move it back',
    fix: 'check the history of the change, and have the rule corrected',
    values: ({ target }) => ({ target: stateLabel(target) })
  },
  'did-not-leave': {
    title: 'Change {number}: did not leave {state}',
    happened: ({ next, state, onHold, holdReason, ...transition }, number) =>
      [
        `The instance reported success, but ${number} did not move to ${stateLabel(next)}: it is still in ${state}.${onHold ? ` It is on hold${holdReason === '' ? '' : `: ${holdReason}`}.` : ''}`,
        transitionText({ next, ...transition })
      ]
        .filter(line => line !== '')
        .join('\n'),
    cause:
      'a condition of the change model is not met (an open task or a hold, for example), or the account may not write this record',
    fix: 'meet the condition that the message lists (`change-tasks: close` for open tasks), or give the service account the role sn_change_write, and run the step again',
    values: ({ state }) => ({ state })
  },
  'open-tasks': {
    title: 'Change {number}: open change tasks',
    happened: ({ tasks, stuck }, number) =>
      stuck
        ? `The instance reported success, but did not close ${tasks.join(', ')}.`
        : `${tasks.length} change task${tasks.length === 1 ? ' is' : 's are'} open: ${tasks.join(', ')}. ${number} is not moved to Closed.`,
    cause: 'change tasks are open, and the step was told to fail then',
    fix: 'have them closed, or set `change-tasks: close`',
    variants: {
      stuck: {
        cause: 'a business rule keeps the task open, or the account may not write it',
        fix: 'have the task closed by hand, or give the service account write access to change_task'
      }
    },
    variant: ({ stuck }) => (stuck ? 'stuck' : undefined)
  },
  'unknown-state': {
    title: 'Change {number}: unexpected state',
    happened: ({ state }, number) => `${number} is in "${state}", a state of this instance's own.`,
    cause: "the change is in a state of the instance's own, from which no closing is known",
    obvious: true,
    fix: 'move it to a standard state first'
  },
  'not-closed': {
    title: 'Change {number}: not closed',
    happened: ({ reason, state }) =>
      reason === 'canceled'
        ? 'The job succeeded, but the change is Canceled.'
        : `The job succeeded, but the change is in ${stateLabel(state)} and was never moved to Implement.`,
    cause:
      'the job succeeded, but its change never reached Implement or was canceled: something was deployed without the change',
    obvious: true,
    fix: 'move the change before the deployment (update-change with `state: implement`), or finish it by hand',
    variants: {
      canceled: {
        fix: 'record the deployment in a change of its own, and see that the job waits for approval before it deploys'
      }
    },
    variant: ({ reason }) => (reason === 'canceled' ? 'canceled' : undefined)
  },
  'not-applied': {
    title: 'Change {number}: field values not applied',
    happened: ({ differences, during }, number) => {
      const list = differences.map(differenceText).join('; ')
      return during === 'create'
        ? `${number} exists, but ${list}. Approval was not requested.`
        : `The instance reported success, but ${list}.`
    },
    cause: 'a business rule, a change model or a template set the field, or the account may not write it',
    fix: 'give the value that the instance sets, or have the rule corrected; run the job again, and the change is reused',
    variants: {
      update: { fix: 'give the service account the right to write the field, or leave the field out' }
    },
    variant: ({ during }) => (during === 'update' ? 'update' : undefined)
  },
  'note-not-stored': {
    title: 'Change {number}: {note} not stored',
    titles: ['Change …: work note not stored', 'Change …: comment not stored'],
    happened: ({ note, state }) =>
      `The instance reported success for a ${note}, but did not keep it; the change is in ${state}.`,
    cause: 'a note on a change that is over is dropped, or the account may not write work_notes and comments',
    fix: 'write it before the change is closed, and give the service account write access to work_notes and comments',
    values: ({ note }) => ({ note })
  },
  'not-on-hold': {
    title: 'Change {number}: not on hold',
    happened: ({ state }) =>
      `The instance reported success, but the change is not on hold; it is in ${state}.`,
    cause: 'this state allows no hold, or the account may not write on_hold',
    obvious: true,
    fix: 'check that the state allows a hold and that the service account may write on_hold'
  },
  'still-on-hold': {
    title: 'Change {number}: still on hold',
    happened: ({ state }) =>
      `The instance reported success, but the change is still on hold; it is in ${state}.`,
    cause: 'the account may not write on_hold',
    obvious: true,
    fix: 'check that the service account may write on_hold, or have the hold taken off by hand'
  },
  'not-canceled': {
    title: 'Change {number}: not canceled',
    happened: (_, number) =>
      `The instance reported success, but did not cancel the draft ${number}: it is still in New.`,
    cause: 'a business rule keeps the duplicate in New, or the account may not write its state',
    fix: 'cancel it by hand, or give the service account the right to, and run the job again'
  },
  interference: {
    title: 'Change not created: other jobs interfere',
    happened: () =>
      'Each draft made for this deployment was canceled or used by another job before it could be submitted.',
    cause: 'other jobs or rules cancel changes with this correlation id',
    obvious: true,
    fix: 'find the jobs or rules that cancel changes with this correlation id, and run the job again'
  },
  'ambiguous-title': {
    title: 'Change not found: the title is ambiguous',
    happened: ({ title, changes }) =>
      `${changes.length} open changes have the short description "${title}": ${changes.join(', ')}.`,
    cause:
      'the change is searched by its title, and several open changes have exactly this short description',
    obvious: true,
    fix: 'give `change-number`, or close those that are not meant'
  },
  'not-resolved': {
    title: 'ServiceNow lookup: no such record',
    happened: ({ values, draft }) =>
      `The instance does not know ${values.map(({ field, value }) => `${field} "${value}"`).join(', ')}. ${
        draft === undefined
          ? 'The change is left as it is.'
          : `The draft ${draft}, just created, was canceled.`
      }`,
    cause: 'a typing mistake, or a record that is inactive or not visible to the service account',
    fix: 'correct the name or give a sys_id; with read access to sys_user_group, sys_user, cmdb_ci and sys_choice names are checked before anything is created'
  },
  'names-disagree': {
    title: 'Input error',
    happened: ({ number, sysId, given }) =>
      given.by === 'number'
        ? `The inputs name different changes: change-sys-id ${sysId ?? ''} is ${number}, not ${given.value}.`
        : `The inputs name different changes: ${number} has the correlation id "${given.has}", not "${given.value}".`,
    cause: 'several inputs name the change, and they do not agree',
    obvious: true,
    fix: 'give one of them, or correct it'
  },
  'no-change-named': {
    title: 'Input error',
    happened: () => 'No change is named.',
    cause: 'no input names a change',
    obvious: true,
    fix: 'give `change-sys-id` or `change-number`'
  },
  'plan-over': {
    title: 'Input error',
    happened: ({ plannedEnd }) =>
      `The planned end, ${plannedEnd} UTC, has passed, and approval was not requested.`,
    cause: 'the planned end has passed',
    obvious: true,
    fix: 'give a `start-date` and an `end-date` that are still to come, or set `change-window: ignore`'
  }
}
