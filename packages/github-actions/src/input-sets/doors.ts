/** Where flows and events are handed over, and what is sent. The rules for each door are in door-problems.ts. */
import { DOOR_NAMES } from '@change-actions/change-control'
import { oneOf, text } from '../inputs/scalars.ts'
import { yamlMap } from '../inputs/yaml.ts'

/** The inputs that name a door. */
export const doorPlaceInputs = {
  door: oneOf(DOOR_NAMES, { default: 'companion' }),
  endpoint: text({
    defaultText: '`/api/x_chgact/v1`, or `/api/global/em/jsonv2` with `door: event-management`'
  }),
  signingSecret: text({ env: 'SERVICENOW_SIGNING_SECRET', secret: true })
} as const

/** The same inputs, of a step that checks a door: without one it checks none. */
export const checkedDoorInputs = {
  door: oneOf(DOOR_NAMES),
  endpoint: doorPlaceInputs.endpoint,
  flow: text(),
  signingSecret: doorPlaceInputs.signingSecret
} as const

/** What run-flow and send-event have in common, beside connection, commit and ownership. */
export const deliveryInputs = {
  ...doorPlaceInputs,
  data: yamlMap(),
  deliveryId: text({
    defaultText:
      'derived from repository, workflow, run, job, matrix leg, step and the name of the flow or event'
  }),
  environment: text(),
  correlationId: text({
    defaultText: 'derived from repository, workflow, run, job, matrix leg and step'
  }),
  correlationScope: text(),
  ownMatrixIndex: text({ context: '${{ strategy.job-index }}' }),
  ownWorkflowRef: text({ context: '${{ job.workflow_ref }}' })
} as const
