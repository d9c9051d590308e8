import type { Field } from '../dictionary/field.ts'
import { definitionOf } from '../dictionary/tables.ts'
import { mayWriteField } from '../engine/acl.ts'
import { choiceMatching, valueLabelled } from '../engine/choices.ts'
import { fromZone } from '../engine/dates.ts'
import { recordNamed } from '../engine/display.ts'
import { RuleAbort } from '../engine/engine.ts'
import type { Values } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { HttpError } from '../server/reply.ts'
import { asText, jsonBody } from '../server/request.ts'

/** What a write sets, and the names it asked for in vain. */
export interface Fields {
  readonly values: Values
  readonly ignored: readonly string[]
}

/** Body and query parameters of a write as text; the body wins. */
export function givenFields(context: Context): Record<string, string> {
  const { request } = context
  const body = Object.entries(jsonBody(request)).map(([name, value]) => [name, asText(value)])
  return { ...Object.fromEntries(request.query), ...Object.fromEntries(body) }
}

/** A reference given as name or sys_id; text that names nothing is stored as it is. */
function resolveReference({ engine }: Context, field: Field, text: string): string {
  const target = field.target ?? ''
  if (text === '' || engine.store.get(target, text)) return text
  return recordNamed(engine, target, text)?.sys_id ?? text
}

function resolved(context: Context, field: Field, text: string): string {
  if (field.type === 'reference') return resolveReference(context, field, text)
  if (field.choicesOf) return choiceMatching(context.engine.store, field, text) ?? text
  return text
}

/** `encrypted_fields` are set by what is shown: labels, names, dates in the user's zone. */
function fromDisplay({ engine, actor }: Context, field: Field, text: string): string {
  if (field.type === 'reference') return recordNamed(engine, field.target ?? '', text)?.sys_id ?? ''
  if (field.type === 'date_time') return fromZone(text, actor.timeZone)
  return valueLabelled(engine.store, field, text) ?? text
}

/** Sorts given fields into those that are set and those that are unknown or not writable. */
export function writableFields(
  context: Context,
  table: string,
  given: Readonly<Record<string, string>>
): Fields {
  const { encrypted_fields: displayNames = '', ...rest } = given
  const byDisplay = displayNames.split(',')
  const values: Record<string, string> = {}
  const ignored: string[] = []
  for (const [name, text] of Object.entries(rest)) {
    if (name.startsWith('sysparm_')) continue
    const field = definitionOf(table).fields.get(name)
    if (!field || !mayWriteField(context.actor, table, field)) ignored.push(name)
    else values[name] = (byDisplay.includes(name) ? fromDisplay : resolved)(context, field, text)
  }
  return { values, ignored }
}

/** Runs a write; a rule's refusal becomes 403 with the text in `message`, where this API puts it. */
export function orAbort<T>(what: 'created' | 'updated', write: () => T): T {
  try {
    return write()
  } catch (error) {
    if (!(error instanceof RuleAbort)) throw error
    throw new HttpError(403, `Change Request record could not be ${what}. ${error.message}`, '')
  }
}
