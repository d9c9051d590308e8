import { type Shape, VALUE } from './json-documents.ts'
import { excerpt } from './limits.ts'
import { counted, notCounted, type Report } from './report.ts'
import { list, record, text, word } from './values.ts'

/** What is read of a statement, and of an envelope around one. */
export const IN_TOTO: Shape = {
  _type: VALUE,
  predicateType: VALUE,
  subject: { name: VALUE },
  predicate: { result: VALUE, verificationResult: VALUE },
  payloadType: VALUE,
  payload: VALUE,
  dsseEnvelope: { payloadType: VALUE, payload: VALUE }
}

/** Subjects that are named; of more the number must do. */
const MAX_NAMES = 3

/**
 * What an in-toto statement is about: its predicate type and its subjects. Of a DSSE envelope or Sigstore bundle, the
 * statement in it; its signature is not checked. Undefined for anything else.
 *
 * @param open reads the text in an envelope, which is in base64, as documents
 */
export async function describeInToto(
  document: unknown,
  open: (payload: string) => Promise<readonly unknown[]>
): Promise<Report | undefined> {
  const { dsseEnvelope, ...outer } = record(document)
  const { payloadType, payload } = dsseEnvelope === undefined ? outer : record(dsseEnvelope)
  if (typeof payloadType === 'string' && typeof payload === 'string') {
    if (!payloadType.includes('in-toto')) return notCounted('an envelope of another type', 'DSSE')
    const [statement] = await open(payload).catch(() => [])
    return statementOf(statement) ?? notCounted('its statement cannot be read', 'in-toto')
  }
  return statementOf(outer)
}

function statementOf(document: unknown): Report | undefined {
  const isStatement = word(record(document)._type).startsWith('https://in-toto.io/statement')
  return isStatement ? describeStatement(record(document)) : undefined
}

function describeStatement(statement: Readonly<Record<string, unknown>>): Report {
  const subjects = list(statement.subject).map(one => text(record(one).name))
  const names = subjects
    .filter(name => name !== '')
    .slice(0, MAX_NAMES)
    .map(excerpt)
  const more = subjects.length > names.length ? [...names, '…'] : names
  const { result, verificationResult } = record(statement.predicate)
  const verdict = [result, verificationResult].find(one => typeof one === 'string') as string | undefined
  const parts = [
    typeof statement.predicateType === 'string' ? excerpt(statement.predicateType) : 'no predicate type',
    `${counted(subjects.length, 'subject')}${names.length === 0 ? '' : ` (${more.join(', ')})`}`,
    ...(verdict === undefined ? [] : [`result ${excerpt(verdict)}`])
  ]
  const passed = verdict === undefined || ['passed', 'pass'].includes(word(verdict))
  return { text: `in-toto: ${parts.join(', ')}`, attention: passed ? 'none' : 'failures' }
}
