/** Signatures by which bindings and markers are known to be ours, where there is a key. */
import { createHmac } from 'node:crypto'

/** Hex digits that fit the field. */
const DIGITS = 12

/** What a marker is signed with, and for which change. */
export interface Signature {
  readonly key: string
  readonly sysId: string
}

/** What a binding is signed with, and for which change. */
export interface BindingSignature {
  readonly key: string
  readonly correlationId: string
  /** Origin of the instance. */
  readonly instance: string
}

/** The first digits of the HMAC-SHA256 of a marker's text for one change. */
export function markHmac(text: string, { key, sysId }: Signature): string {
  return hmac(key, ['mark', text, sysId.toLowerCase()])
}

/** The same of a binding, for the change with this correlation id on this instance. @param text without an HMAC */
export function bindingHmac(text: string, { key, correlationId, instance }: BindingSignature): string {
  return hmac(key, ['binding', text, correlationId, instance.toLowerCase()])
}

function hmac(key: string, parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex').slice(0, DIGITS)
}
