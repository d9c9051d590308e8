import { type DoorName, deliveryId, deploymentId } from '@change-actions/change-control'
import {
  bindingLine,
  bodyOf,
  DEFAULT_ENDPOINTS,
  type Deployment,
  type DoorPlace,
  MAX_BODY,
  type Message
} from '@change-actions/change-operations'
import { parseEndpoint } from '@change-actions/servicenow-client'
import { inputError } from '../inputs/error.ts'
import type { StepTools } from '../step/run-step.ts'
import { type IdentityInputs, identityOf } from './identity.ts'

/** What the inputs say about a message. */
export interface MessageInputs extends IdentityInputs {
  readonly door: DoorName
  readonly endpoint?: string | undefined
  readonly signingSecret?: string | undefined
  readonly data?: Readonly<Record<string, unknown>> | undefined
  readonly deliveryId?: string | undefined
  readonly correlationId?: string | undefined
  readonly correlationScope?: string | undefined
}

/** Where the inputs say the door is. */
export function placeOf({ door, endpoint, signingSecret }: MessageInputs): DoorPlace {
  return { endpoint: parseEndpoint(endpoint ?? DEFAULT_ENDPOINTS[door] ?? ''), secret: signingSecret }
}

/**
 * The message that the inputs describe.
 *
 * @param instance its origin
 * @throws Problem `input` when it is too long for a receiver
 */
export function messageOfInputs(
  step: Pick<StepTools, 'runtime' | 'now'>,
  inputs: MessageInputs,
  {
    kind,
    name,
    instance
  }: { readonly kind: 'flow' | 'event'; readonly name: string; readonly instance: string }
): Message {
  const identity = identityOf(step.runtime, inputs)
  const { deployment } = identity
  const scope = inputs.correlationScope ?? ''
  const correlationId = inputs.correlationId ?? deploymentId({ ...placeIn(deployment), ...NO_CHANGE, scope })
  const message: Message = {
    kind,
    name,
    delivery:
      inputs.deliveryId ??
      deliveryId({
        ...placeIn(deployment),
        // Every attempt of a run means the same flow; each has events of its own.
        runAttempt: kind === 'flow' ? '' : deployment.attempt,
        kind,
        name,
        scope
      }),
    data: inputs.data ?? {},
    deployment,
    correlationId,
    correlationDisplay: bindingLine(identity, { instance }, correlationId),
    at: step.now()
  }
  const length = bodyOf(message).length
  if (length <= MAX_BODY) return message
  throw inputError([
    `\`data\` is too long: the message has ${length} characters of ASCII JSON, and at most ${MAX_BODY} are taken. Fix: attach files with attach-evidence, and send their names`
  ])
}

/** No type, configuration item and parent are known of a change that a flow makes. */
const NO_CHANGE = { type: '', cmdbCi: '', parent: '' } as const

function placeIn({ server, repositoryId, repository, workflow, run, job, leg, step }: Deployment) {
  return { serverUrl: server, repositoryId, repository, workflow, runId: run, job, matrixIndex: leg, step }
}
