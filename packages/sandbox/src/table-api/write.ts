import type { Field } from '../dictionary/field.ts'
import { definitionOf } from '../dictionary/tables.ts'
import { mayWriteField } from '../engine/acl.ts'
import { choiceValueByLabel, hasChoices, matchChoice } from '../engine/choices.ts'
import { fromZone } from '../engine/dates.ts'
import { findByDisplayValue } from '../engine/display.ts'
import type { Values } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { asText, isTrue, jsonBody } from '../server/request.ts'

/** The value to store for a text; undefined for text in a number field, such as the label of a state. */
function storedValue({ engine }: Context, field: Field, text: string): string | undefined {
  const { store, settings } = engine
  if (field.type === 'integer' && text !== '' && Number.isNaN(Number(text))) return undefined
  if (!settings.dropUnknownChoices || !hasChoices(store, field)) return text
  return matchChoice(store, field, text) ?? ''
}

/** The value to store for a name, a label, or a date in the user's zone. An unknown name empties the field. */
function fromDisplayValue({ engine, actor }: Context, field: Field, text: string): string | undefined {
  if (text === '') return ''
  if (field.type === 'reference') return findByDisplayValue(engine, field.target ?? '', text)?.sys_id ?? ''
  if (field.type === 'date_time') return fromZone(text, actor.timeZone)
  if (!hasChoices(engine.store, field)) return text
  const value = choiceValueByLabel(engine.store, field, text)
  // An unknown label of a state leaves the state as it is. Other choices become empty.
  return value ?? (field.name === 'state' ? undefined : '')
}

/** The fields that a write sets. Unknown and read-only fields are ignored. */
export function requestValues(context: Context, table: string): Values {
  const asDisplayValues = isTrue(context.request, 'sysparm_input_display_value')
  const values: Record<string, string> = {}
  for (const [name, sent] of Object.entries(jsonBody(context.request))) {
    const field = definitionOf(table).fields.get(name)
    if (!field || !mayWriteField(context.actor, table, field)) continue
    const value = (asDisplayValues ? fromDisplayValue : storedValue)(context, field, asText(sent))
    if (value !== undefined) values[name] = value
  }
  return values
}
