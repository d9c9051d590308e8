import type { ConnectionValues } from '../connection/credentials.ts'
import { keyFault, type PemKind, readPem } from '../connection/pem.ts'
import { HAS_LINE_BREAK } from './credentials.ts'

/** What is wrong with the certificates and the key: found here, for the server must not be blamed for it. */
export function certificateProblems(values: ConnectionValues): string[] {
  const { clientCertificate, clientKey, clientKeyPassphrase, caCertificate } = values
  const problems: string[] = []
  if (clientCertificate !== undefined && clientKey === undefined)
    problems.push('`client-certificate` is given without `client-key`')
  if (clientKey !== undefined && clientCertificate === undefined)
    problems.push('`client-key` is given without `client-certificate`')
  const read = (name: string, value: string | undefined, kind: PemKind): string | undefined => {
    if (value === undefined) return undefined
    const found = readPem(value, kind)
    if ('pem' in found) return found.pem
    problems.push(`\`${name}\` ${found.wrong}`)
    return undefined
  }
  const certificate = read('client-certificate', clientCertificate, 'certificate')
  const key = read('client-key', clientKey, 'private key')
  read('ca-certificate', caCertificate, 'certificate')
  if (/[\r\n]/.test(clientKeyPassphrase ?? ''))
    return [...problems, `\`client-key-passphrase\` ${HAS_LINE_BREAK}`]
  const fault = key === undefined ? undefined : keyFault(key, clientKeyPassphrase, certificate)
  return fault === undefined ? problems : [...problems, fault]
}
