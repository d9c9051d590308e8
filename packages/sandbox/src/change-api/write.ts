import type { Field } from '../dictionary/field.ts'
import { definitionOf } from '../dictionary/tables.ts'
import { mayWriteField } from '../engine/acl.ts'
import { choiceValueByLabel, matchChoice } from '../engine/choices.ts'
import { fromZone } from '../engine/dates.ts'
import { findByDisplayValue } from '../engine/display.ts'
import { RuleAbort } from '../engine/engine.ts'
import type { Values } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { asText, jsonBody } from '../server/request.ts'
import { HttpError } from '../server/response.ts'

/** The fields of a write. */
export interface WriteFields {
  /** Stored values of the fields that are set. */
  readonly values: Values
  /** Names of unknown fields and of fields that may not be written. */
  readonly ignored: readonly string[]
}

/** Body and query parameters of a write as text. The body takes precedence. */
export function requestFields(context: Context): Record<string, string> {
  const { request } = context
  const body = Object.entries(jsonBody(request)).map(([name, value]) => [name, asText(value)])
  return { ...Object.fromEntries(request.query), ...Object.fromEntries(body) }
}

/** The sys_id of a reference given as sys_id or name. Other text is stored as it is. */
function resolveReference({ engine }: Context, field: Field, text: string): string {
  const target = field.target ?? ''
  if (text === '' || engine.store.get(target, text)) return text
  return findByDisplayValue(engine, target, text)?.sys_id ?? text
}

/** The stored value of a text. */
function storedValue(context: Context, field: Field, text: string): string {
  if (field.type === 'reference') return resolveReference(context, field, text)
  if (field.choicesOf) return matchChoice(context.engine.store, field, text) ?? text
  return text
}

/** The stored value of a display value, for the fields in `encrypted_fields`. */
function fromDisplayValue({ engine, actor }: Context, field: Field, text: string): string {
  if (field.type === 'reference') return findByDisplayValue(engine, field.target ?? '', text)?.sys_id ?? ''
  if (field.type === 'date_time') return fromZone(text, actor.timeZone)
  return choiceValueByLabel(engine.store, field, text) ?? text
}

/** Separates the fields that are set from those that are unknown or may not be written. */
export function writableFields(
  context: Context,
  table: string,
  fields: Readonly<Record<string, string>>
): WriteFields {
  const { encrypted_fields: displayNames = '', ...rest } = fields
  const byDisplayValue = displayNames.split(',')
  const values: Record<string, string> = {}
  const ignored: string[] = []
  for (const [name, text] of Object.entries(rest)) {
    if (name.startsWith('sysparm_')) continue
    const field = definitionOf(table).fields.get(name)
    if (!field || !mayWriteField(context.actor, table, field)) ignored.push(name)
    else values[name] = (byDisplayValue.includes(name) ? fromDisplayValue : storedValue)(context, field, text)
  }
  return { values, ignored }
}

/**
 * Runs a write.
 * @throws HttpError 403 when a rule refuses it; this API puts the text of the rule in `message`
 */
export function reportRuleAbort<T>(operation: 'created' | 'updated', write: () => T): T {
  try {
    return write()
  } catch (error) {
    if (!(error instanceof RuleAbort)) throw error
    throw new HttpError(403, `Change Request record could not be ${operation}. ${error.message}`, '')
  }
}
