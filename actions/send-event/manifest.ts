import {
  AUTHOR,
  commitDescriptions,
  connectionDescriptions,
  deliveryDescriptions,
  describeAction,
  ownershipDescriptions
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

const { door, endpoint, signingSecret, ...delivery } = deliveryDescriptions

export const action = describeAction(inputs, {
  name: 'ServiceNow change: send event',
  description:
    'Hands one event of a deployment to ServiceNow: to the companion application, a flow, Event Management or an import set.',
  author: AUTHOR,
  runs: { using: 'node24', main: '../../dist/send-event/index.js' },
  inputs: {
    ...connectionDescriptions,
    event:
      'deployment.requested, deployment.started, deployment.succeeded, deployment.failed, deployment.cancelled, or a name of your own. Required.',
    door,
    endpoint,
    signingSecret,
    ...delivery,
    ...commitDescriptions,
    ...ownershipDescriptions
  },
  outputs: {
    'delivery-id': 'Name of the delivery.',
    accepted: 'true: ServiceNow has taken the event.',
    duplicate: 'true: the companion application had it already; empty at doors that do not know.',
    metrics: 'JSON: requests, request_errors, result, added_ms.'
  }
})
