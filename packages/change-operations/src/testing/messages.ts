import type { Message } from '../doors/message.ts'
import { FLOWS } from './companion.ts'
import { BOUND, DEPLOYMENT } from './deployment.ts'
import { FIRST_MOMENT } from './instance.ts'

/** The start of a flow by the deployment of the tests. */
export const FLOW: Message = {
  kind: 'flow',
  name: FLOWS.createChange,
  delivery: 'gha-flow-1',
  data: { short_description: 'Übergabe' },
  deployment: DEPLOYMENT,
  correlationId: 'gha-1',
  correlationDisplay: BOUND,
  at: FIRST_MOMENT
}

/** An event of it. */
export const EVENT: Message = {
  ...FLOW,
  kind: 'event',
  name: 'deployment.failed',
  delivery: 'gha-event-1',
  data: { note: 'Fünf', list: [1, 2] }
}
