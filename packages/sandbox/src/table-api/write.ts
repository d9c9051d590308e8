import type { Field } from '../dictionary/field.ts'
import { definitionOf } from '../dictionary/tables.ts'
import { mayWriteField } from '../engine/acl.ts'
import { choiceMatching, isChoice, valueLabelled } from '../engine/choices.ts'
import { fromZone } from '../engine/dates.ts'
import { recordNamed } from '../engine/display.ts'
import type { Values } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { asText, jsonBody } from '../server/request.ts'

/** A value taken as the actual one. Text for a choice of numbers, such as a state's label, is not understood. */
function actual({ engine }: Context, field: Field, text: string): string | undefined {
  const { store, settings } = engine
  if (field.type === 'integer' && text !== '' && Number.isNaN(Number(text))) return undefined
  if (!settings.dropUnknownChoices || !isChoice(store, field)) return text
  return choiceMatching(store, field, text) ?? ''
}

/** A value taken as what a form would show: names, labels, dates in the user's zone. Unknown names are lost. */
function displayed({ engine, actor }: Context, field: Field, text: string): string | undefined {
  if (text === '') return ''
  if (field.type === 'reference') return recordNamed(engine, field.target ?? '', text)?.sys_id ?? ''
  if (field.type === 'date_time') return fromZone(text, actor.timeZone)
  if (!isChoice(engine.store, field)) return text
  const value = valueLabelled(engine.store, field, text)
  // A state that is no label leaves the state alone; another choice ends up empty.
  return value ?? (field.name === 'state' ? undefined : '')
}

/** The fields a write sets. Unknown and read-only names are passed over without notice. */
export function valuesFrom(context: Context, table: string): Values {
  const asShown = context.request.query.get('sysparm_input_display_value') === 'true'
  const values: Record<string, string> = {}
  for (const [name, given] of Object.entries(jsonBody(context.request))) {
    const field = definitionOf(table).fields.get(name)
    if (!field || !mayWriteField(context.actor, table, field)) continue
    const value = (asShown ? displayed : actual)(context, field, asText(given))
    if (value !== undefined) values[name] = value
  }
  return values
}
