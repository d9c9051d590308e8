import {
  APPROVAL,
  ATTACHMENTS,
  AUTHOR,
  artifactDescriptions,
  changeOutputs,
  claimDescriptions,
  commitDescriptions,
  connectionDescriptions,
  createDescriptions,
  createOutputs,
  describeAction,
  foreignDescriptions,
  lifeCycleDescriptions,
  ownershipDescriptions,
  policyDescriptions,
  SET_AUTOMATICALLY,
  waitDescriptions,
  waitOutputs
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

const { failWhenNotApproved: _, ...waiting } = waitDescriptions

const AFTER_JOB = 'close (unsuccessful), review (close code set to unsuccessful) or none.'

export const action = describeAction(inputs, {
  name: 'ServiceNow change control',
  description:
    "A gate around a deployment: finds or creates its change request, waits for approval inside the change window, and closes it by the job's result.",
  author: AUTHOR,
  branding: { icon: 'check-circle', color: 'green' },
  runs: { using: 'node24', main: 'dist/gate/index.js', post: 'dist/gate/post.js' },
  inputs: {
    ...connectionDescriptions,
    ...lifeCycleDescriptions,
    ...policyDescriptions,
    version: 'Version being deployed, used in the title and as identity.',
    ...commitDescriptions,
    ...artifactDescriptions,
    ...createDescriptions,
    shortDescription: 'Short description of the change.',
    ...waiting,
    identity:
      'What makes two deployments the same one: version, run or commit, each together with repository, workflow, job, matrix leg, environment, CI and template.',
    minimumWindow: 'Time that must be left before the planned end.',
    checkConflicts:
      'Conflict detection before approval is requested and again before Implement: ignore, warn or fail. With fail, conflicts that cannot be told (no CI, no planned dates, no report) fail too.',
    evaluateRisk: 'true: have the instance evaluate the risk before approval is requested.',
    ...foreignDescriptions,
    onSuccess: 'After a successful job: close, review or none.',
    onFailure: `After a failed job: ${AFTER_JOB}`,
    onCancel: `After a cancelled job: ${AFTER_JOB}`,
    onRejected:
      'A change of this run whose approval was rejected: leave, or cancel (with a note). A supplied change that this run did not make is left.',
    onTimeout:
      'A change of this run that was not approved within the timeout: leave, or cancel (with a note). A supplied change that this run did not make is left.',
    closeCodeSuccess: "The instance's own close code after a successful job, by label or value.",
    closeCodeFailure: "The instance's own close code after a failed or cancelled job, by label or value.",
    maySkip: 'Where job-status is toJSON(needs): names of jobs that may be skipped.',
    lifecycleNotes:
      "true: work notes at start and end with run, commit, actor, result and GitHub's pages of the deployment.",
    changeTasks: 'Open change tasks before closing: leave, close (with the result) or fail.',
    ...claimDescriptions,
    ...ownershipDescriptions,
    failOnPostError: 'true: fail the job when its change cannot be finished after the deployment.',
    githubToken:
      'Set automatically; with the permission contents: read it reads the policy, with actions: read it tells whether a run that claimed the change is over, and with others it reads what approvers should know (change-brief).',
    jobStatus: SET_AUTOMATICALLY
  },
  outputs: {
    ...changeOutputs,
    'change-state': 'State at the last poll.',
    approval: APPROVAL,
    ...createOutputs,
    attachments: ATTACHMENTS,
    ...waitOutputs,
    outcome:
      'approved, rejected, canceled, closed, unauthorized, window-closed, window-not-open, withdrawn, not-requested, stale-approval, unexpected-state, timeout, interrupted, error, dry-run, not-required, in-use, foreign-change, unbound, no-approver, edited, conflict or conflict-unknown.',
    policy:
      'The policy that the gate worked under, as JSON: repository, path, commit, section, enforced; empty when the commit of the run has none.',
    metrics: 'JSON: creation_ms, wait_ms, requests, request_errors, result, added_ms.'
  }
})
