import {
  AUTHOR,
  connectionDescriptions,
  describeAction,
  lifeCycleDescriptions,
  ownershipDescriptions
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

const { dryRun: _, ...connection } = connectionDescriptions

export const action = describeAction(inputs, {
  name: 'ServiceNow change: audit deployments',
  description:
    "Holds GitHub's deployments against ServiceNow's changes, read-only: deployments without a change, before the approval, outside the window, and more.",
  author: AUTHOR,
  runs: { using: 'node24', main: '../../dist/audit-deployments/index.js' },
  inputs: {
    ...connection,
    repositories:
      'Repositories: this, installation (all that the token of a GitHub App may see), or names (owner/name), one a line.',
    environments: 'Names of environments, one a line. Without any, all are audited.',
    since:
      'Begin of the span: a date with its zone (2026-12-01T00:00:00Z), or a duration back from now (30d).',
    until: 'End of the span: a date with its zone, or a duration back from now.',
    failOn:
      'Findings that fail the step, one a line: no-change, before-approval, outside-window, other-commit, self-approved, freed-by-policy, left-open, result-differs, cannot-be-told. Without any, findings alone do not fail it.',
    ...ownershipDescriptions,
    ...lifeCycleDescriptions,
    githubToken:
      'Token with the permissions contents: read, deployments: read and actions: read; for other repositories that of a GitHub App.'
  },
  outputs: {
    findings: 'Number of findings.',
    'report-csv':
      'Path of the report as CSV: a line for each deployment, below the temporary folder of the runner.',
    'report-json': 'Path of the report as JSON.',
    metrics: 'JSON: requests, request_errors, result, added_ms.'
  }
})
