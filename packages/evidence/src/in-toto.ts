import { counted, notCounted, type Report } from './report.ts'
import { list, record, word } from './values.ts'

/** Subjects that are named; of more the number must do. */
const MAX_NAMES = 3

/**
 * What an in-toto statement is about: its predicate type and its subjects. A DSSE envelope or Sigstore bundle is read
 * through to its statement; its signature is not checked. Undefined for anything else.
 */
export function describeInToto(document: unknown): Report | undefined {
  const { dsseEnvelope, payloadType, payload, _type } = record(document)
  if (dsseEnvelope !== undefined) return describeInToto(dsseEnvelope)
  if (typeof payloadType === 'string' && typeof payload === 'string') {
    if (!payloadType.includes('in-toto')) return notCounted('an envelope of another type', 'DSSE')
    return statementIn(payload) ?? notCounted('its statement cannot be read', 'in-toto')
  }
  if (!word(_type).startsWith('https://in-toto.io/statement')) return undefined
  return describeStatement(record(document))
}

function statementIn(payload: string): Report | undefined {
  try {
    const statement: unknown = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'))
    return word(record(statement)._type) === '' ? undefined : describeInToto(statement)
  } catch {
    return undefined
  }
}

function describeStatement(statement: Readonly<Record<string, unknown>>): Report {
  const subjects = list(statement.subject).map(one => record(one).name)
  const names = subjects.filter(name => typeof name === 'string' && name !== '').slice(0, MAX_NAMES)
  const more = subjects.length > names.length ? [...names, '…'] : names
  const { result, verificationResult } = record(statement.predicate)
  const verdict = [result, verificationResult].find(one => typeof one === 'string') as string | undefined
  const parts = [
    typeof statement.predicateType === 'string' ? statement.predicateType : 'no predicate type',
    `${counted(subjects.length, 'subject')}${names.length === 0 ? '' : ` (${more.join(', ')})`}`,
    ...(verdict === undefined ? [] : [`result ${verdict}`])
  ]
  const passed = verdict === undefined || ['passed', 'pass'].includes(word(verdict))
  return { text: `in-toto: ${parts.join(', ')}`, attention: passed ? 'none' : 'failures' }
}
