/** What is wrong with a change, by the code of the operation that found it. */
import { stateLabel, unprovedWords } from '@change-actions/change-control'
import { conflictText, valuesText } from './change-texts.ts'
import type { ChangeExplanations } from './explanation.ts'
import { inputsFor, isGroupAlone, labelsOf, missingText } from './missing-fields.ts'
import { MOVE_EXPLANATIONS } from './move-problems.ts'
import { reasonText } from './reasons.ts'
import { WAIT_EXPLANATIONS } from './wait-problems.ts'

/** What a decision can stop with. */
const WAIT_TITLES = [
  'foreign-change',
  'unbound',
  'rejected',
  'canceled',
  'closed',
  'unauthorized',
  'window-closed',
  'window-not-open',
  'withdrawn',
  'not-requested',
  'stale-approval',
  'no-approver',
  'edited',
  'unexpected-state'
].map(word => `Change …: ${word}`)

/** Every problem with a change, in the order of the troubleshooting page. */
export const CHANGE_EXPLANATIONS: ChangeExplanations = {
  ...WAIT_EXPLANATIONS,
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
  'other-title': {
    title: 'Change {number}: another short description',
    happened: ({ title, given }, number) =>
      `${number} has the identity of this deployment, but its short description is "${title}", and the input is "${given}": it may be the change of another deployment, and an approval is for one.`,
    cause:
      'several deployments have the same derived identity: calls of one workflow, or several in one job; or the short description was edited',
    fix: 'give each deployment a `correlation-scope` of its own, for example its region or environment; where it is the same deployment, give the short description that the change has, or the change as `change-number`'
  },
  'foreign-change': {
    title: 'Change {number}: foreign-change',
    happened: ({ why }, number) =>
      `${number} was not made for this deployment: ${
        why.code === 'bound-elsewhere'
          ? 'it is bound to another repository or environment, or not signed with the binding key'
          : why.code === 'other-kind'
            ? valuesText(why.fields)
            : 'the variables of the job name it, and nothing proves that this run made it or uses it'
      }.`,
    cause:
      'the change that was named, or found by its title, was made for another repository, environment, CI, group or template',
    obvious: true,
    fix: 'give the number of a change made for this deployment, correct the inputs or the policy, or set `allow-foreign-change: true` for a change bound to another repository or environment',
    variants: {
      'not-of-this-run': {
        cause:
          'SERVICENOW_CHANGE_SYS_ID names the change, and any step of a job can set it; the change was made by another account or run, and no note that can be proved ours says that this run uses it',
        fix: 'name the change by input, from the step that made or used it: `change-sys-id: ${{ steps.<id>.outputs.change-sys-id }}`'
      }
    },
    variant: ({ why }) => (why.code === 'not-of-this-run' ? why.code : undefined)
  },
  'in-use': {
    title: 'Change {number}: in-use',
    happened: ({ why }, number) => {
      if (why.code === 'deployment-over') return `${number} is in Review: another run has deployed under it.`
      const { holder, own } = why
      if (own)
        return `${number} is claimed by this run for another environment, and an approval is for one environment.`
      const attempt = holder?.attempt === undefined ? '' : ` (attempt ${holder.attempt})`
      const who = holder === undefined ? 'another run' : `run ${holder.runId}${attempt}`
      return `${number} is claimed by ${who}, which deploys under it.`
    },
    cause: 'another run, or this run for another environment, has claimed the change and deploys under it',
    obvious: true,
    fix: 'let that run finish; give the job the permission actions: read so that a completed run is recognised; set `take-over: true` when you know that the other run does not deploy any more',
    variants: {
      over: {
        cause: 'the change is in Review, and another run has deployed under it',
        fix: 'use a new change for a new deployment'
      },
      own: {
        fix: 'give each environment a change of its own (leave `correlation-id` and `change-number` out, or name the environment in `correlation-id`)'
      }
    },
    variant: ({ why }) => {
      if (why.code === 'deployment-over') return 'over'
      return why.own ? 'own' : undefined
    }
  },
  'rollback-refused': {
    title: 'Change {number}: rollback-refused',
    happened: ({ unproved }, number) =>
      `Going back from ${number} needs no approval by a person, and is not proved to be a rollback: not proved ${unprovedWords(unproved, number).join('; ')}. No change was made.`,
    cause:
      'a standard change made from a template is for going back, after a failure, to a commit that was deployed here before',
    obvious: true,
    fix: 'have a person approve this one: leave `standard-change-template` out and give `type: emergency` or `type: normal`; or correct `rollback-of`, or check out the commit that the last successful change deployed'
  },
  'creator-unreadable': {
    title: 'Change {number}: its creator cannot be read',
    happened: (_, number) =>
      `Who created ${number} is not shown (sys_created_by), so it is not known whether it is ours. It is neither used nor made again.`,
    cause: 'the account may not read the field sys_created_by of the change',
    obvious: true,
    fix: 'give the service account read access to change_request.sys_created_by'
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
  'conflict-unknown': {
    title: 'Change {number}: conflict-unknown',
    happened: ({ why }, number) =>
      why === 'no-basis'
        ? `Whether ${number} conflicts with others cannot be told: it has no configuration item, or no planned start and end.`
        : `The conflict detection of ${number} did not finish within a minute.`,
    cause: 'the instance is busy, or its conflict detection does not run',
    fix: 'run the job again, or set `check-conflicts: warn`',
    variants: {
      'no-basis': {
        cause: 'conflict detection needs a configuration item and a planned start and end',
        fix: 'give `cmdb-ci`, `start-date` and `end-date`, or set `check-conflicts: warn`'
      }
    },
    variant: ({ why }) => (why === 'no-basis' ? 'no-basis' : undefined)
  },
  'missing-fields': {
    title: 'Change {number}: mandatory fields missing',
    happened: missingText,
    cause: 'a condition of the change model or a data policy requires fields that are empty',
    obvious: true,
    fix: 'give {inputs}',
    variants: {
      group: {
        fix: 'give `assignment-group`, by name or sys_id: in most instances it decides who approves'
      },
      named: { fix: 'fill in {labels} in ServiceNow: the fields of a change that is named are not written' }
    },
    variant: facts => {
      if (facts.change === 'named') return 'named'
      return isGroupAlone(facts) ? 'group' : undefined
    },
    values: facts => ({ inputs: inputsFor(facts), labels: labelsOf(facts) })
  },
  ...MOVE_EXPLANATIONS,
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
    happened: ({ values, draft }, number) =>
      `The instance does not know ${values.map(({ field, value }) => `${field} "${value}"`).join(', ')}. ${
        draft === undefined
          ? number === ''
            ? 'Nothing was created.'
            : 'The change is left as it is.'
          : `The draft ${draft}, just created, was canceled.`
      }`,
    cause:
      'a typing mistake, a record that is inactive or not visible to the service account, or a sys_id that the policy holds for another record (names)',
    fix: 'correct the name or give a sys_id, in the policy too; with read access to sys_user_group, sys_user, cmdb_ci and sys_choice names are checked before anything is created'
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
