import type { Field } from '../dictionary/field.ts'
import { definitionOf } from '../dictionary/tables.ts'
import { mayReadField } from '../engine/acl.ts'
import { inZone } from '../engine/dates.ts'
import { displayValue } from '../engine/display.ts'
import type { Row } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { Decimal } from '../server/json.ts'

interface TypedValue {
  readonly display_value: string
  readonly value: string | boolean | Decimal
  readonly display_value_internal?: string
}

function typedValue(field: Field, raw: string): string | boolean | Decimal {
  if (field.type === 'boolean') return raw === 'true'
  if (field.type === 'journal') return ''
  if (field.type === 'variables') return 'variable_pool'
  if (field.type !== 'integer' || raw === '' || Number.isNaN(Number(raw))) return raw
  return new Decimal(Number(raw))
}

function typedField({ engine, actor }: Context, field: Field, row: Row): TypedValue {
  const raw = row[field.name] ?? ''
  const values = { display_value: displayValue(engine, actor, field, row), value: typedValue(field, raw) }
  if (field.type === 'boolean') return { ...values, display_value: String(raw === 'true') }
  if (field.type !== 'date_time') return values
  return { ...values, display_value_internal: inZone(raw, actor.timeZone) }
}

/** A record in the format of this API: the display value and the typed value of every readable field. */
export function typedRecord(context: Context, table: string, row: Row): Record<string, TypedValue> {
  const { engine, actor } = context
  const all = [...definitionOf(table).fields.values()]
  const fields = all.filter(field => mayReadField(engine, actor, table, field))
  return Object.fromEntries(fields.map(field => [field.name, typedField(context, field, row)]))
}
