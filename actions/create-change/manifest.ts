import {
  APPROVAL,
  ATTACHMENTS,
  AUTHOR,
  artifactDescriptions,
  changeOutputs,
  commitDescriptions,
  connectionDescriptions,
  createDescriptions,
  createOutputs,
  describeAction,
  foreignDescriptions,
  lifeCycleDescriptions,
  ownershipDescriptions,
  policyDescriptions
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

export const action = describeAction(inputs, {
  name: 'ServiceNow change: create',
  description:
    'Creates exactly one change request for a deployment, or reuses the one it has, attaches files and requests approval.',
  author: AUTHOR,
  runs: { using: 'node24', main: '../../dist/create-change/index.js' },
  inputs: {
    ...connectionDescriptions,
    ...policyDescriptions,
    ...lifeCycleDescriptions,
    ...commitDescriptions,
    ...artifactDescriptions,
    ...createDescriptions,
    ...foreignDescriptions,
    ...ownershipDescriptions,
    githubToken:
      'Set automatically; with the permission contents: read it reads the policy, and with others what approvers should know (change-brief).'
  },
  outputs: {
    ...changeOutputs,
    'change-state':
      "new, assess, authorize, scheduled, implement, review, closed, canceled, or the instance's own label.",
    approval: APPROVAL,
    ...createOutputs,
    attachments: ATTACHMENTS,
    metrics: 'JSON: creation_ms, requests, request_errors, result, added_ms.'
  }
})
