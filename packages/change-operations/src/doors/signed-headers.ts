import { bodySignature } from '@change-actions/change-control'

/** The headers of a message: its delivery, and where there is a secret the signature of its body. */
export function signedHeaders(
  delivery: string,
  body: string,
  secret: string | undefined
): Readonly<Record<string, string>> {
  return {
    'X-Change-Actions-Delivery': delivery,
    ...(secret !== undefined && { 'X-Change-Actions-Signature-256': bodySignature(secret, body) })
  }
}
