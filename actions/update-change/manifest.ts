import {
  AUTHOR,
  changeNameDescriptions,
  changeOutputs,
  claimDescriptions,
  connectionDescriptions,
  describeAction,
  foreignDescriptions,
  lifeCycleDescriptions,
  ownershipDescriptions,
  policyDescriptions,
  SET_AUTOMATICALLY,
  statedCommitDescriptions
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

export const action = describeAction(inputs, {
  name: 'ServiceNow change: update',
  description:
    "Moves a change through its states, writes notes and fields, and closes it by the job's result.",
  author: AUTHOR,
  runs: { using: 'node24', main: '../../dist/update-change/index.js' },
  inputs: {
    ...connectionDescriptions,
    ...lifeCycleDescriptions,
    ...changeNameDescriptions,
    ...policyDescriptions,
    ...statedCommitDescriptions,
    correlationId: 'A third way to name the change: the output correlation-id of create-change.',
    ifNotFound:
      'When no change has the given name: error, or ignore (a notice, and the step passes with changed=false).',
    state: "Target state by name or number, or by-job-status: close or cancel by the job's result.",
    workNotes: 'Work note (internal), added once.',
    comments: 'Additional comment (visible to customers), added once.',
    closeCode:
      "successful, successful_issues, unsuccessful, a label, or a code of the instance's own. Required for state closed.",
    closeCodeSuccess:
      "For state by-job-status: the instance's own close code after a success, by label or value.",
    closeCodeFailure:
      "For state by-job-status: the instance's own close code after a failure or cancellation, by label or value.",
    closeNotes: 'Close notes.',
    onHold: 'true puts the change on hold, false takes it off hold.',
    onHoldReason: 'Reason; required with on-hold true.',
    fields:
      'Further fields as a YAML map, u_… fields included. Control fields such as state and approval are refused.',
    changeTasks: 'Open change tasks before closing: leave, close (with the result) or fail.',
    jobStatus:
      'Result for state by-job-status: success, failure, cancelled, skipped, or toJSON(needs). Required when the change was not made in this job.',
    gateOutcome:
      'For state by-job-status: the output outcome of wait-approval. A deployment that the gate did not let begin is canceled; without it, a failed job under an approved change counts as one that may have deployed.',
    maySkip:
      'Names of jobs in toJSON(needs) that may be skipped: the deployment counts as successful all the same.',
    ...foreignDescriptions,
    lifecycleNotes:
      "true: a work note at the start (state implement) and at the end (review, closed, by-job-status) with run, commit, actor, result and GitHub's pages of the deployment; false: only what work-notes gives.",
    changeBrief:
      'auto: where the change does not name the comparison with the version that is deployed, the note at the start has it from GitHub; off: GitHub is not asked.',
    ...claimDescriptions,
    ...ownershipDescriptions,
    ownJobStatus: SET_AUTOMATICALLY,
    githubToken:
      'Set automatically; with the permission contents: read it reads the policy, with actions: read it tells whether a run that claimed the change is over, and with deployments: read which version is deployed (change-brief).'
  },
  outputs: {
    ...changeOutputs,
    'change-state': 'State after the step.',
    'previous-state': 'State before the step.',
    changed: 'true when anything was written.',
    transitions: 'States entered, separated by commas.',
    metrics: 'JSON: requests, request_errors, result, added_ms.'
  }
})
