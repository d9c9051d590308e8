import {
  clientProblem,
  isClientProblem,
  isSysId,
  type LookupKind,
  type Problem,
  type ReferenceKind
} from '@change-actions/servicenow-client'
import { settleAll } from '../concurrency.ts'
import type { OperationContext } from '../context.ts'
import { type CreateRequest, REFERENCE_KINDS } from '../create/request.ts'

/** A name that a change would be made with, and what the instance has for it. */
export interface PreviewedName {
  /** The field of the change (`assignment_group`, `chg_model`, `risk`); `template` for the standard change template. */
  readonly field: string
  /** As the user gave it. Untrusted text. */
  readonly given: string
  /** As the instance has it; the given text where it is not known. Untrusted text. */
  readonly display: string
  /** Of the record, where it is known; of a choice its value. */
  readonly value: string | undefined
  /** False where the account may not read the list: the instance resolves the name when the change is made. */
  readonly checked: boolean
  /** Why no change could be made with it. */
  readonly problem: Problem | undefined
}

/** What the instance has for a name. */
interface Found extends Pick<PreviewedName, 'value' | 'checked'> {
  /** Where it differs from what was given. */
  readonly display?: string
}

/**
 * Every name of a request, looked up; one that is wrong does not keep the others from being looked up.
 *
 * @throws Problem of the client for anything but a wrong name
 */
export function previewNames(context: OperationContext, request: CreateRequest): Promise<PreviewedName[]> {
  const { template, model, references, choices, known = {} } = request
  const named: Record<string, string> = {
    ...(template === undefined ? {} : { template }),
    ...(model === undefined ? {} : { chg_model: model }),
    ...references
  }
  return settleAll([
    ...Object.entries(named).map(([field, text]) => {
      const find = field === 'template' ? findTemplate : findReference
      return previewName(field, known[field] ?? text, () => find(context, text, field))
    }),
    ...Object.entries(choices).map(([field, text]) =>
      previewName(field, text, () => findChoice(context, text, field))
    )
  ]) as Promise<PreviewedName[]>
}

async function previewName(field: string, given: string, find: () => Promise<Found>): Promise<PreviewedName> {
  try {
    const found = await find()
    return { field, given, display: given, ...found, problem: undefined }
  } catch (error) {
    if (!isWrongName(error)) throw error
    return { field, given, display: given, value: undefined, checked: true, problem: error }
  }
}

/** Problems of one name; all others are of the connection or of the account. */
function isWrongName(error: unknown): error is Problem {
  return isClientProblem(error, 'lookup-none', 'lookup-many', 'unsafe-query', 'list-cut')
}

async function findTemplate({ client }: OperationContext, text: string): Promise<Found> {
  const { name, sysId } = await client.changes.template(text)
  return { display: name, value: sysId, checked: true }
}

async function findChoice({ client }: OperationContext, text: string, field: string): Promise<Found> {
  const { value, verified } = await client.choice(field, text)
  return { value, checked: verified }
}

/** A sys_id is sent as it is when a change is made; here its record is asked for. */
async function findReference({ client }: OperationContext, text: string, field: string): Promise<Found> {
  const kind = REFERENCE_KINDS[field] ?? 'user'
  const { value, display, verified } = await client.reference(kind, text)
  if (verified) return { display, value, checked: true }
  if (!isSysId(text)) return { value: undefined, checked: false }
  const exists = await client.exists(field, value)
  if (exists === false) {
    const facts = { operation: `looking up ${field} ${text}`, kind: LABELS[kind], name: text, candidates: [] }
    throw clientProblem('lookup-none', facts)
  }
  return { value, checked: exists === true }
}

const LABELS: Readonly<Record<ReferenceKind, LookupKind>> = {
  group: 'assignment group',
  user: 'user',
  ci: 'configuration item',
  model: 'change model'
}
