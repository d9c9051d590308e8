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
    'Checks the connection, read-only: name, TLS, sign-in, rights, APIs and clock, on request the GitHub side of resume-deployments too, and says what to fix.',
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
    latch:
      'Also checks the GitHub side of resume-deployments, as it is set there: protection-rule, rerun or dispatch.',
    repositories:
      'With latch: repositories as in resume-deployments: this, installation (all that the token of a GitHub App may see), or names (owner/name), one a line.',
    environments:
      'With latch: names of the environments that must be there, one a line; without names, all that are there.',
    workflow: 'With latch dispatch: file of the workflow that deploys, such as deploy.yml.',
    githubToken:
      'With latch: the token that resume-deployments gets, for protection-rule that of a GitHub App.',
    ...checkedDoorDescriptions
  },
  outputs: {
    ok: 'true when everything needed is there.',
    report: 'JSON list of check, result (ok, warn, fail, skipped), detail, fix.',
    names:
      'YAML to paste below `names:` of the policy: the sys_id of each group, configuration item and template that was found by its name. Empty when none was.',
    metrics: 'JSON: requests, request_errors, result, added_ms.'
  }
})
