import { signingAlgorithm } from '@change-actions/servicenow-client'
import { isEncrypted, readPem } from '../connection/pem.ts'

/** What is wrong with a private key that is to sign, worded to follow its name. Nothing of the key is in it. */
export function signingKeyFault(textOrPath: string): string | undefined {
  const read = readPem(textOrPath, 'private key')
  if ('wrong' in read) return read.wrong
  if (isEncrypted(read.pem))
    return 'is encrypted: store it without a passphrase (openssl pkey -in key.pem -out open.pem)'
  try {
    return signingAlgorithm(read.pem) === undefined ? OTHER_KIND : undefined
  } catch {
    return 'is damaged: the key in it cannot be read. Store the PEM file again, as it is, with its line breaks'
  }
}

const OTHER_KIND =
  'is of a kind that ServiceNow does not verify: give an RSA key, or an EC key of the curve P-256, P-384 or P-521'
