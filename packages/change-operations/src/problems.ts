/**
 * Every title an error about a change can have, with its likely cause and its fix. The titles of `ChangeError` are
 * typed by this list, and the troubleshooting page is made from it: a title that is not here does not compile.
 */
export interface Problem {
  readonly cause: string
  readonly fix: string
}

/** How a wait ends that does not open the gate, in the words of the outcome: `Change CHG0030001: rejected`. */
export const WAIT_PROBLEMS = {
  rejected: {
    cause: 'an approver said no; the comments are in the message',
    fix: 'read the comments and correct what was objected to; then cancel the change and run the job again, which makes a new one (where its number was given: give another), or set resubmit: true to have this one submitted again'
  },
  canceled: {
    cause: 'somebody canceled the change',
    fix: 'run the job again, with the step that creates the change: a new one is made (where its number was given: give another)'
  },
  closed: {
    cause: 'the change is closed: it has been carried out already',
    fix: 'run the job again, with the step that creates the change: a new one is made (where its number was given: give another)'
  },
  unauthorized: {
    cause: 'the change is marked as unauthorized',
    fix: 'have a change manager look at the change: it is marked as unauthorized'
  },
  'window-closed': {
    cause: 'the planned end has passed, or less than minimum-window is left before it',
    fix: 'change the planned dates in ServiceNow, or cancel the change and run the job again with new ones (inputs do not change a change that was submitted); set change-window: ignore if the window does not bind this deployment'
  },
  'window-not-open': {
    cause: 'the planned start lies after the end of the wait, or after the planned end',
    fix: 'run the job nearer to the planned start, or raise timeout'
  },
  withdrawn: {
    cause: 'approval was requested and then taken back: the change is in New again',
    fix: 'request approval again (create-change), or cancel the change'
  },
  'stale-approval': {
    cause: 'the change was made for another commit than the one this run deploys',
    fix: 'cancel the change and run the job again, so that this commit gets a change of its own (where its number was given: give another), or set allow-new-commit: true'
  },
  'unexpected-state': {
    cause: 'the change is in a state that is neither one to proceed in nor one to wait in',
    fix: 'look at the change; list the state in proceed-states or wait-states if it is one of yours'
  },
  timeout: {
    cause:
      'nobody decided in time, or the change is on hold; the message says which, and who has yet to approve',
    fix: 'ask them (or have the hold taken off), raise timeout, or run the job again once it is approved'
  }
} as const satisfies Record<string, Problem>

/** What else can be wrong with a change: `Change CHG0030001: open change tasks`. `…` stands for a state's label. */
export const CHANGE_PROBLEMS = {
  error: {
    cause:
      'the gate could not ask, or could not read what it needs (the work notes, the report of the conflicts)',
    fix: 'read the message: it names what could not be read; give the service account read access to it, and run the job again'
  },
  interrupted: {
    cause: 'the run was cancelled while the step worked',
    fix: 'run the job again: the change is found and taken up where it is'
  },
  'dry-run': {
    cause: 'dry-run is true, and a dry run never opens a gate',
    fix: 'leave dry-run out to deploy'
  },
  'in-use': {
    cause: 'another run, or this run for another environment, has claimed the change and deploys under it',
    fix: 'let that run finish; give the job the permission actions: read so that a finished run is recognised; set take-over: true when you know that it is dead; give each environment a change of its own'
  },
  'foreign-change': {
    cause:
      'the change that was named, or found by its title, was made for another repository, environment, CI, group or template',
    fix: 'give the number of a change made for this deployment, correct the inputs or the policy, or set allow-foreign-change: true for a change bound to another repository'
  },
  conflict: {
    cause: 'conflict detection found another change, a blackout or a maintenance window in the way',
    fix: 'plan another window, or have the conflict resolved'
  },
  'not approved': {
    cause: 'a move was asked for that lies beyond an approval which is not given',
    fix: 'run wait-approval first; where the change is still in New, request approval (create-change)'
  },
  'cannot go to …': {
    cause:
      'no move leads from where the change is to where it should go, or rules of the instance move it back',
    fix: 'read the message: it names the state and the way; a change that is over needs a new change'
  },
  'stayed in …': {
    cause:
      'the instance accepted a move and did not make it: a condition of its change model is not met, an open task or a hold for example',
    fix: 'meet the condition the message lists (change-tasks: close for open tasks), or give the service account sn_change_write, and run the step again'
  },
  'unexpected state': {
    cause: "the change is in a state of the instance's own, from which no closing is known",
    fix: 'move it to a standard state first'
  },
  'not closed': {
    cause:
      'the job succeeded, but its change never reached Implement or was canceled: something was deployed without the change',
    fix: 'look at what was deployed, and record it by a change that is true; put update-change with state: implement before the deployment'
  },
  'open change tasks': {
    cause: 'change tasks are open, and change-tasks says fail, or a task did not close when told to',
    fix: 'have them closed, or set change-tasks: close and give the service account write access to change_task'
  },
  'not as asked for': {
    cause:
      'the instance accepted a write, but a business rule, a change model or a template set the field otherwise, or the account may not write it',
    fix: 'ask for the value the instance gives, or have the rule corrected; run the job again and the change is taken up'
  },
  differs: {
    cause: 'the open change of this deployment has another type, CI or parent than the inputs ask for',
    fix: 'cancel or close it, give the inputs it was made with, or set another correlation-id (reuse: false makes a new change)'
  },
  'work note not stored': {
    cause: 'a note on a change that is over is dropped, or the account may not write work_notes',
    fix: 'write it before the change is closed, and give the service account write access to work_notes'
  },
  'comment not stored': {
    cause: 'a comment on a change that is over is dropped, or the account may not write comments',
    fix: 'write it before the change is closed, and give the service account write access to comments'
  },
  'not on hold': {
    cause: 'the instance accepted the hold and did not make it',
    fix: 'check that the state allows a hold and that the service account may write on_hold'
  },
  'still on hold': {
    cause: 'the instance accepted the end of the hold and did not make it',
    fix: 'check that the service account may write on_hold, or have the hold taken off by hand'
  },
  'not canceled': {
    cause:
      'a superfluous draft of this deployment stays in New: a business rule keeps it there, or the account may not write its state',
    fix: 'cancel it by hand, or give the service account the right to, and run the job again'
  }
} as const satisfies Record<string, Problem>

/** Titles without the number of a change. */
export const OTHER_PROBLEMS = {
  'Change not created: other jobs interfere': {
    cause: 'each draft made for this deployment was canceled or taken by another job before it could be used',
    fix: 'look for jobs or rules that cancel changes with this correlation id, and run the job again'
  },
  'Change not created: dry-run': {
    cause: 'dry-run is true: the change would be created, and the deployment would wait for its approval',
    fix: 'leave dry-run out to deploy'
  },
  'Change not found: several have this title': {
    cause: 'match-title is true, and several open changes have exactly this short description',
    fix: 'give change-number, or close those that are not meant'
  },
  'Change: error': {
    cause: 'the wait could not ask about the change at all',
    fix: 'read the message, and run the job again'
  },
  'ServiceNow lookup: no such record': {
    cause:
      'the instance knows no record of this name, or the account may not see it; the draft made to find out was canceled',
    fix: 'correct the name or give a sys_id; read access to sys_user_group, sys_user, cmdb_ci and sys_choice lets names be checked before anything is created'
  },
  'Input error': {
    cause:
      'inputs, environment variables or the policy file are wrong or contradict each other; nothing was sent',
    fix: 'correct every problem in the list: all of them are named at once'
  }
} as const satisfies Record<string, Problem>

/** A key with `…` stands for every text that begins like it. */
type Said<Key extends string> = Key extends `${infer Head}…` ? `${Head}${string}` : Key

export type ChangeProblem = Said<keyof typeof CHANGE_PROBLEMS> | keyof typeof WAIT_PROBLEMS

export type ChangeTitle = `Change ${string}: ${ChangeProblem}` | keyof typeof OTHER_PROBLEMS
