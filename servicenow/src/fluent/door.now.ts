import { Acl, RestApi, ScriptInclude } from '@servicenow/sdk/core'
import { caller } from './roles.now'

ScriptInclude({
  $id: Now.ID['include-door-signature'],
  name: 'DoorSignature',
  active: true,
  accessibleFrom: 'package_private',
  script: Now.include('../scripts/door-signature.js')
})

ScriptInclude({
  $id: Now.ID['include-door-message'],
  name: 'DoorMessage',
  active: true,
  accessibleFrom: 'package_private',
  script: Now.include('../scripts/door-message.js')
})

ScriptInclude({
  $id: Now.ID['include-delivery-log'],
  name: 'DeliveryLog',
  active: true,
  accessibleFrom: 'package_private',
  script: Now.include('../scripts/delivery-log.js')
})

ScriptInclude({
  $id: Now.ID['include-flow-runs'],
  name: 'FlowRuns',
  active: true,
  accessibleFrom: 'package_private',
  script: Now.include('../scripts/flow-runs.js')
})

ScriptInclude({
  $id: Now.ID['include-door'],
  name: 'Door',
  active: true,
  accessibleFrom: 'package_private',
  script: Now.include('../scripts/door.js')
})

const mayCall = Acl({
  $id: Now.ID['acl-door'],
  name: 'x_chgact_door',
  type: 'rest_endpoint',
  operation: 'execute',
  roles: [caller]
})

// Three APIs in version 1: their addresses are /api/x_chgact/v1/flows, …/events and …/deliveries/{id}.
RestApi({
  $id: Now.ID['api-flows'],
  name: 'Flows of pipelines',
  serviceId: 'flows',
  consumes: 'application/json',
  produces: 'application/json',
  enforceAcl: [mayCall],
  versions: [{ $id: Now.ID['api-flows-v1'], version: 1, isDefault: true }],
  routes: [
    {
      $id: Now.ID['post-flows'],
      name: 'Start a flow',
      method: 'POST',
      path: '',
      version: 1,
      authentication: true,
      authorization: true,
      internalRole: false,
      enforceAcl: [mayCall],
      script: Now.include('../scripts/post-flows.js')
    }
  ]
})

RestApi({
  $id: Now.ID['api-events'],
  name: 'Events of pipelines',
  serviceId: 'events',
  consumes: 'application/json',
  produces: 'application/json',
  enforceAcl: [mayCall],
  versions: [{ $id: Now.ID['api-events-v1'], version: 1, isDefault: true }],
  routes: [
    {
      $id: Now.ID['post-events'],
      name: 'Take an event',
      method: 'POST',
      path: '',
      version: 1,
      authentication: true,
      authorization: true,
      internalRole: false,
      enforceAcl: [mayCall],
      script: Now.include('../scripts/post-events.js')
    }
  ]
})

RestApi({
  $id: Now.ID['api-deliveries'],
  name: 'Deliveries of pipelines',
  serviceId: 'deliveries',
  produces: 'application/json',
  enforceAcl: [mayCall],
  versions: [{ $id: Now.ID['api-deliveries-v1'], version: 1, isDefault: true }],
  routes: [
    {
      $id: Now.ID['get-delivery'],
      name: 'What became of a delivery',
      method: 'GET',
      path: '/{id}',
      version: 1,
      authentication: true,
      authorization: true,
      internalRole: false,
      enforceAcl: [mayCall],
      script: Now.include('../scripts/get-delivery.js')
    }
  ]
})
