import {
  AUTHOR,
  checkedDoorDescriptions,
  connectionDescriptions,
  describeAction,
  lifeCycleDescriptions,
  ownershipDescriptions
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

const { dryRun: _, ...connection } = connectionDescriptions

export const action = describeAction(inputs, {
  name: 'ServiceNow change: check connection',
  description:
    'Checks the connection, read-only: name, TLS, sign-in, rights, APIs and clock, and says what to fix.',
  author: AUTHOR,
  runs: { using: 'node24', main: '../../dist/check-connection/index.js' },
  inputs: {
    ...connection,
    ...ownershipDescriptions,
    ...lifeCycleDescriptions,
    assignmentGroup: 'Assignment group to look up: name or sys_id.',
    cmdbCi: 'Configuration item to look up: name or sys_id.',
    standardChangeTemplate: 'Standard change template to look up: name or sys_id.',
    closeCodeSuccess: 'Close code to look up: label or value.',
    closeCodeFailure: 'Close code to look up: label or value.',
    ...checkedDoorDescriptions
  },
  outputs: {
    ok: 'true when everything needed is there.',
    report: 'JSON list of check, result (ok, warn, fail, skipped), detail, fix.',
    metrics: 'JSON: requests, request_errors, result, added_ms.'
  }
})
