import {
  APPROVAL,
  AUTHOR,
  artifactDescriptions,
  changeNameDescriptions,
  changeOutputs,
  claimDescriptions,
  commitDescriptions,
  connectionDescriptions,
  describeAction,
  foreignDescriptions,
  githubTokenDescription,
  lifeCycleDescriptions,
  ownershipDescriptions,
  policyDescriptions,
  waitDescriptions,
  waitOutputs
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

export const action = describeAction(inputs, {
  name: 'ServiceNow change: wait for approval',
  description:
    'Waits until a change is approved and its window is open, or says why nothing may be deployed under it.',
  author: AUTHOR,
  runs: { using: 'node24', main: '../../dist/wait-approval/index.js' },
  inputs: {
    ...connectionDescriptions,
    ...lifeCycleDescriptions,
    ...changeNameDescriptions,
    ...policyDescriptions,
    ...commitDescriptions,
    ...artifactDescriptions,
    ...waitDescriptions,
    ...foreignDescriptions,
    ...claimDescriptions,
    takeOver: "true: another run's claim does not stop the wait; update-change or the gate takes it over.",
    ...ownershipDescriptions,
    ...githubTokenDescription
  },
  outputs: {
    ...waitOutputs,
    outcome:
      'approved, rejected, canceled, closed, unauthorized, window-closed, window-not-open, withdrawn, not-requested, stale-approval, unexpected-state, foreign-change, unbound, in-use, no-approver, edited, timeout, interrupted, error or dry-run.',
    ...changeOutputs,
    'change-state': 'State at the last poll.',
    approval: APPROVAL,
    metrics: 'JSON: wait_ms, requests, request_errors, result, added_ms.'
  }
})
