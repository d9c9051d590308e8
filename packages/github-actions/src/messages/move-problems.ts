/** What can go wrong when a change is moved or written, by the code of the operation that found it. */
import { stateLabel, stateValue } from '@change-actions/change-control'
import type { MoveFacts, TransitionFacts } from '@change-actions/change-operations'
import { differenceText } from './change-texts.ts'
import { type ChangeExplanations, stopped } from './explanation.ts'

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

const UNKNOWN_STATE =
  'say with `states` which state it counts as, or move it to a shipped state in ServiceNow first'

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

/** In the order of the troubleshooting page. */
export const MOVE_EXPLANATIONS = {
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
      'unknown-state': { fix: UNKNOWN_STATE },
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
  'no-such-move': {
    title: 'Change {number}: cannot go to {target}',
    happened: ({ next, state, wanted, kind, known }, number) => {
      const own = wanted.length === 0 ? 'none' : wanted.join(', ')
      const there =
        kind === 'moves'
          ? `The instance has no move to ${stateLabel(next)} from there`
          : `The instance has no state that counts as ${stateLabel(next)}`
      const others = known.length === 0 ? 'none' : known.join(', ')
      return `${number} is in "${state}". ${there} (states that count as it: ${own}); it has: ${others}.`
    },
    cause:
      'the life cycle of the instance has a state between the two that `states` does not name, or another one',
    fix: 'say with `states` what each state between them counts as, or have the change moved in ServiceNow',
    values: ({ next }) => ({ target: stateLabel(next) })
  },
  'state-without-value': {
    title: 'Change {number}: cannot go to {target}',
    happened: ({ next, label }, number) =>
      label === ''
        ? `${number} is to go to ${stateLabel(next)}, and no state of the instance counts as it.`
        : `${number} is to go to ${stateLabel(next)}, which is "${label}" on this instance, and the instance does not tell the value of that state.`,
    cause: 'the account may not read the list of states (sys_choice), and `states` has the label alone',
    fix: 'give the value of the state in `states` instead of its label (a number, such as 10), or give the service account read access to sys_choice',
    variants: {
      none: {
        cause: '`states` gives the shipped state another meaning, and names no other one for this',
        fix: 'name the state that counts as it in `states`'
      }
    },
    variant: ({ label }) => (label === '' ? 'none' : undefined),
    values: ({ next }) => ({ target: stateLabel(next) })
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
    fix: UNKNOWN_STATE
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
  'unknown-close-code': {
    title: 'Change {number}: unknown close code',
    happened: ({ code, codes }) =>
      `The instance has no close code "${code}"; it has ${codes.join(', ')}. Nothing was moved.`,
    cause: 'the instance has close codes of its own',
    obvious: true,
    fix: 'give one of them as `close-code`',
    variants: {
      success: { fix: 'give one of them as `close-code-success`' },
      failure: { fix: 'give one of them as `close-code-failure`' }
    },
    variant: ({ result }) => (result === undefined ? undefined : result === 'success' ? 'success' : 'failure')
  },
  'too-long': {
    title: 'Input error',
    happened: ({ fields }) =>
      `${fields.map(({ field, length, max }) => `${field} has ${length} characters, and the instance keeps ${max}`).join('; ')}. Nothing was written.`,
    cause: 'the instance would cut the text without an error',
    fix: 'shorten the text to that length; a longer one fits into `work-notes`, or into a file under `attachments`'
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
      update: { fix: 'give the service account the right to write the field, or leave the field out' },
      'correlation-id': {
        cause:
          'a business rule or another integration sets correlation_id, or the account may not write or read it',
        fix: 'cancel the change, and give the service account the right to read and write correlation_id: by it a later run finds the change again; or set `reuse: false`, and each run makes a change of its own'
      }
    },
    variant: ({ during, differences }) => {
      if (during === 'update') return 'update'
      return differences.some(one => one.field === 'correlation_id') ? 'correlation-id' : undefined
    }
  },
  'created-unseen': {
    title: 'Change {number}: created, but not readable',
    happened: ({ sysId, correlationId }, number) => {
      const named = number === '' ? sysId : sysId === '' ? number : `${number} (sys_id ${sysId})`
      return named === ''
        ? `The instance reported that it created a change, its response shows none, and none with the correlation id ${correlationId} is found. Approval was not requested.`
        : `${named} was created, and its record cannot be read. Approval was not requested.`
    },
    cause:
      'the account may create changes but not read them, or something between the runner and the instance removed the record from the response',
    fix: 'give the service account read access to change_request (role sn_change_read); look for the change in ServiceNow and cancel it before the job is run again'
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
  'file-refused': {
    title: 'ServiceNow {status}: file refused',
    titles: ['ServiceNow …: file refused'],
    happened: ({ file, message = '' }) =>
      `Failed while attaching "${file}". The response: ${stopped(message)}`,
    cause:
      'the instance takes only files of some types: the system property glide.attachment.extensions lists their extensions, and glide.security.file.mime_type.validation compares extension, media type and content',
    fix: 'have an administrator add the extension to glide.attachment.extensions; or give the file a name with an allowed extension under `attachments` (a map of name and file), or leave it out with a line in `files` that begins with !',
    variants: {
      name: {
        cause:
          'the instance takes only plain file names: the system property glide.attachment.enable_secure_filename_validation is on',
        fix: 'give the file a name of letters and digits with one extension under `attachments` (a map of name and file), or have an administrator turn the property off'
      },
      size: {
        cause:
          'the file is larger than the system property com.glide.attachment.max_size allows (in megabytes)',
        fix: 'attach a smaller file, for example a compressed one, or have an administrator raise com.glide.attachment.max_size'
      }
    },
    variant: ({ rule }) => (rule === 'type' ? undefined : rule),
    values: ({ status = '' }) => ({ status: String(status) })
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
      `The instance reported success, but did not cancel the draft ${number}: it is still open.`,
    cause: 'a business rule keeps the duplicate open, or the account may not write its state',
    fix: 'cancel it by hand, or give the service account the right to, and run the job again'
  }
} satisfies Partial<ChangeExplanations>
