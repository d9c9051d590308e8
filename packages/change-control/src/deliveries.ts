/** Messages to ServiceNow: what names one, and how one is signed. The other side is in servicenow/. */
import { createHash, createHmac } from 'node:crypto'
import { type RepositoryParts, repositoryKey } from './identity.ts'

/** The resources of ServiceNow that take a message. */
export const DOOR_NAMES = ['companion', 'rest-trigger', 'event-management', 'import-set'] as const

export type DoorName = (typeof DOOR_NAMES)[number]

/** A door at which a flow can be started; the others take events alone. */
export type FlowDoorName = Extract<DoorName, 'companion' | 'rest-trigger'>

export function isFlowDoor(name: DoorName): name is FlowDoorName {
  return name === 'companion' || name === 'rest-trigger'
}

/** What makes a delivery the same one. Empty texts for what is not given. */
export interface DeliveryParts extends RepositoryParts {
  readonly workflow: string
  readonly runId: string
  /** Empty where every attempt of a run makes the same delivery. */
  readonly runAttempt: string
  readonly job: string
  readonly matrixIndex: string
  readonly step: string
  readonly kind: 'flow' | 'event'
  /** Name of the flow or event. */
  readonly name: string
  /** What else tells this delivery from others: a called workflow's job is the same for each of its callers. */
  readonly scope: string
}

/** The default id of a delivery, by which the receiver knows a repeat: `gha-` and 64 hex digits. */
export function deliveryId(parts: DeliveryParts): string {
  const { workflow, runId, runAttempt, job, matrixIndex, step, kind, name, scope } = parts
  const place = [...repositoryKey(parts), workflow, runId, runAttempt, job, matrixIndex, step]
  const text = JSON.stringify(['delivery', kind, name, ...place, scope])
  return `gha-${createHash('sha256').update(text).digest('hex')}`
}

/** Whether a text may name a delivery: it stands in a path and a header, and fits the receiver's column. */
export function isDeliveryId(text: string): boolean {
  return /^[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,99}$/.test(text)
}

/**
 * The value of the header `X-Change-Actions-Signature-256`: GitHub signs its webhooks in the same form.
 *
 * @param body as it is sent; ASCII, for the receiver signs decoded text
 */
export function bodySignature(secret: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`
}

/** JSON in ASCII alone: other characters are escaped, so that text and bytes are the same whoever decodes them. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}
