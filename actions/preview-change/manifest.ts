import {
  AUTHOR,
  connectionDescriptions,
  describeAction,
  lifeCycleDescriptions,
  policyDescriptions
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

const { dryRun: _, ...connection } = connectionDescriptions
const { policyFile, policyToken } = policyDescriptions

export const action = describeAction(inputs, {
  name: 'ServiceNow change: preview change',
  description:
    'Says on a pull request which changes a deployment after the merge would open, by the policy of its commit, and which names ServiceNow does not know. It only reads in ServiceNow.',
  author: AUTHOR,
  runs: { using: 'node24', main: '../../dist/preview-change/index.js' },
  inputs: {
    ...connection,
    environments: 'Names of environments, one a line. Without any, all that the policy lists are previewed.',
    policyFile,
    policyToken,
    comment:
      'true: one comment on the pull request, kept up to date; false: the job summary and, where the token has the permission checks: write, a check run.',
    ...lifeCycleDescriptions,
    githubToken:
      'Token with the permissions contents: read, to read the policy, and pull-requests: write, to comment (with comment: false checks: write).'
  },
  outputs: {
    preview:
      'JSON: policy, problems (their number), mistakes of the policy, and the list environments: environment, outcome (change, free or refused), title, type, names, planned-start, planned-end, conflicts-known, conflicts, check-conflicts, enforced, open, problems.',
    'comment-url': 'Page of the comment; empty where there is none.',
    metrics: 'JSON: requests, request_errors, result, added_ms.'
  }
})
