import {
  APPROVAL,
  AUTHOR,
  changeNameDescriptions,
  changeOutputs,
  commitDescriptions,
  connectionDescriptions,
  describeAction,
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
    ...changeNameDescriptions,
    ...commitDescriptions,
    ...waitDescriptions
  },
  outputs: {
    ...waitOutputs,
    outcome:
      'approved, rejected, canceled, closed, unauthorized, window-closed, window-not-open, withdrawn, not-requested, stale-approval, no-approver, edited, unexpected-state, timeout, interrupted, error or dry-run.',
    ...changeOutputs,
    'change-state': 'State at the last poll.',
    approval: APPROVAL,
    metrics: 'JSON: wait_ms, requests, request_errors, result, added_ms.'
  }
})
