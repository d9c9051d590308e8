import {
  AUTHOR,
  connectionDescriptions,
  describeAction,
  lifeCycleDescriptions,
  ownershipDescriptions,
  SET_AUTOMATICALLY,
  waitDescriptions
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

const { requireApproval, requireApprover, selfApproval, changeWindow } = waitDescriptions

export const action = describeAction(inputs, {
  name: 'ServiceNow change: resume deployments',
  description:
    'Lets deployments go on that wait at GitHub for the approval of their change, without a runner that waits: on a schedule, for one repository or a whole organisation.',
  author: AUTHOR,
  runs: { using: 'node24', main: '../../dist/resume-deployments/index.js' },
  inputs: {
    ...connectionDescriptions,
    latch:
      'How GitHub holds the deployments: protection-rule (a custom deployment protection rule of your GitHub App), rerun (a job that checked and found nothing is run again) or dispatch (a workflow is started). Required.',
    githubToken:
      "Token of a GitHub App: for protection-rule with actions: read and deployments: write, for rerun with actions: write, for dispatch with actions: write and contents: read. With the job's own token, rerun and dispatch work in its own repository.",
    ownToken: SET_AUTOMATICALLY,
    repositories:
      'Repositories: this, installation (all that the token of a GitHub App may see), or names (owner/name), one a line.',
    job: 'With rerun: name of the job that checks the change.',
    workflow: 'With dispatch: file of the workflow that deploys, such as deploy.yml.',
    fromWorkflow:
      'With rerun and dispatch: file of the workflow whose runs ask for the change, such as request.yml; changes of runs of other workflows are left alone. Needed where a repository has several workflows that deploy, each with a resume job of its own.',
    interval: 'How often this workflow runs.',
    reject:
      'true: also rejects the deployment of a change that was rejected, canceled or closed, when no open change has its correlation id (with protection-rule).',
    maxDecisions:
      'Maximum number of deployments that are let go or rejected in one run; the rest is left to the next one.',
    proceedStates:
      "States in which the deployment may go ahead: names, or values or labels of the instance's own states.",
    requireApproval,
    requireApprover,
    selfApproval,
    changeWindow,
    minimumWindow: 'Time that must be left before the planned end.',
    ...ownershipDescriptions,
    ...lifeCycleDescriptions
  },
  outputs: {
    resumed: 'Number of deployments that were let go.',
    rejected: 'Number of deployments that were rejected.',
    waiting:
      'Number of approved changes whose deployment is not let go yet: window, hold, left to the next run, or GitHub refused or could not be asked. Empty where ServiceNow, or the list of repositories, could not be read.',
    skipped: 'Number of decided changes for which GitHub has nothing to do.',
    failed: 'Number of decisions that could not be carried out.',
    decisions: 'JSON list of change, repository, run-id, environment, decision, reason.',
    'oldest-waiting-seconds':
      'Age of the oldest of the waiting changes since its last update, in seconds; 0 where none waits, empty as `waiting` is.',
    metrics:
      'JSON: waiting, oldest_waiting_seconds (both absent where the outputs are empty), requests, request_errors, result, added_ms.'
  }
})
