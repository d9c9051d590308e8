import {
  AUTHOR,
  commitDescriptions,
  connectionDescriptions,
  deliveryDescriptions,
  describeAction,
  ownershipDescriptions
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

const { door, endpoint, signingSecret, data, ...delivery } = deliveryDescriptions

export const action = describeAction(inputs, {
  name: 'ServiceNow change: run flow',
  description:
    'Starts a flow or subflow of ServiceNow, waits for its end, and gives its outputs and the change that it made.',
  author: AUTHOR,
  runs: { using: 'node24', main: '../../dist/run-flow/index.js' },
  inputs: {
    ...connectionDescriptions,
    flow: 'Internal name of the subflow with its scope, such as x_acme.request_change. Required with companion.',
    data,
    door,
    endpoint,
    signingSecret,
    timeout: 'Maximum wait for the end of the flow; 0 starts it and does not wait.',
    pollInterval: 'Maximum interval between two polls; the first ones come sooner.',
    ...delivery,
    ...commitDescriptions,
    ...ownershipDescriptions
  },
  outputs: {
    'delivery-id': 'Name of the delivery.',
    accepted: 'true: ServiceNow has taken it; that says nothing of how the flow ended.',
    duplicate:
      'true: the companion application had it already, and the same execution is followed; empty at doors that do not know.',
    'execution-id': 'Id of the execution of the flow.',
    'flow-state': 'complete, error, canceled, waiting (it goes on) or unknown.',
    'flow-outputs': 'JSON map of the outputs of the flow.',
    'change-sys-id': 'sys_id of the change that the flow made, once it is known to be of this deployment.',
    'change-number': 'Number of that change.',
    metrics: 'JSON: requests, request_errors, result, added_ms.'
  }
})
