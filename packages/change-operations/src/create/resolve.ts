import { isSameName, isSysId, type Reference, type Scalar } from '@change-actions/servicenow-client'
import { settleAll } from '../concurrency.ts'
import type { OperationContext } from '../context.ts'
import { findByNumber } from '../named-change.ts'
import { changeProblem } from '../problems.ts'
import { type CreateRequest, knownText, REFERENCE_KINDS, type Resolved } from './request.ts'

/**
 * Turns every name of a request into a value, in parallel, before anything is written.
 *
 * @throws Problem `lookup-none`, `lookup-many`; the first to fail, in the order of the request
 */
export async function resolveRequest(context: OperationContext, request: CreateRequest): Promise<Resolved> {
  const { client } = context
  const [template, model, references, choices] = await settleAll([
    request.template === undefined ? undefined : client.changes.template(request.template),
    request.model === undefined ? undefined : client.reference('model', request.model),
    settleAll(referencesOf(context, request)),
    settleAll(Object.entries(request.choices).map(named(([field, text]) => client.choice(field, text))))
  ] as const)
  const found = [...references, ...choices]
  const { template: templateName, ...known } = request.known ?? {}
  if (template !== undefined && templateName !== undefined && !isSameName(template.name, templateName))
    throw changeProblem('not-resolved', undefined, {
      values: [{ field: 'template', value: knownText(templateName, template.sysId) }],
      draft: undefined
    })
  return {
    known,
    type: typeOf(request),
    template,
    model: model?.value,
    fields: { ...request.given, ...Object.fromEntries(found.map(({ field, value }) => [field, value])) },
    unverified: references.filter(one => !one.verified).map(one => one.field),
    unverifiedChoices: choices.filter(one => !one.verified).map(one => one.field)
  }
}

interface Found {
  readonly field: string
  readonly value: string
  readonly verified: boolean
}

type Named = readonly [field: string, text: string]

function named(resolve: (entry: Named) => Promise<{ value: string; verified: boolean }>) {
  return async (entry: Named): Promise<Found> => {
    const { value, verified } = await resolve(entry)
    return { field: entry[0], value, verified }
  }
}

function referencesOf(context: OperationContext, request: CreateRequest): Promise<Found>[] {
  const byName = Object.entries(request.references).map(
    named(([field, text]) => context.client.reference(REFERENCE_KINDS[field] ?? 'user', text))
  )
  if (request.parent === undefined) return byName
  return [...byName, named(([, text]) => resolveParent(context, text))(['parent', request.parent])]
}

const CHOICES = ['priority', 'impact', 'urgency', 'risk', 'category', 'close_code']

/**
 * Names and labels among plain fields as values; anything else stays as it is.
 *
 * @throws Problem `lookup-none`, `lookup-many`
 */
export async function resolveFields(
  context: OperationContext,
  fields: Readonly<Record<string, Scalar>>
): Promise<Record<string, Scalar>> {
  const resolve = async ([field, value]: [string, Scalar]): Promise<[string, Scalar]> => {
    if (value === '') return [field, value]
    const kind = REFERENCE_KINDS[field]
    if (kind !== undefined) return [field, (await context.client.reference(kind, String(value))).value]
    if (CHOICES.includes(field)) return [field, (await context.client.choice(field, String(value))).value]
    return [field, value]
  }
  return Object.fromEntries(await settleAll(Object.entries(fields).map(resolve)))
}

/** A model or a supplied change decides its type by itself. */
function typeOf(request: CreateRequest): string | undefined {
  if (request.type !== undefined) return request.type
  if (request.template !== undefined) return 'standard'
  return request.model === undefined ? 'normal' : undefined
}

async function resolveParent(context: OperationContext, parent: string): Promise<Reference> {
  if (isSysId(parent)) return { value: parent.toLowerCase(), display: parent, verified: false }
  const change = await findByNumber(context.client, parent)
  return { value: change.sysId, display: change.number, verified: true }
}
