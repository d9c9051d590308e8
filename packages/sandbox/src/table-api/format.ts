import type { Field } from '../dictionary/field.ts'
import { definitionOf } from '../dictionary/tables.ts'
import { mayRead, mayReadField } from '../engine/acl.ts'
import type { Row } from '../engine/store.ts'
import { displayAt, fieldAtPath, followPath, valueAt } from '../query/field-path.ts'
import type { Context } from '../server/context.ts'
import { isTrue } from '../server/request.ts'

/** The requested format of records. */
export interface RecordFormat {
  /** `sysparm_display_value`: stored values, display values or both. */
  readonly display: 'false' | 'true' | 'all'
  /** Whether references have a link: not `sysparm_exclude_reference_link`. */
  readonly links: boolean
  /** `sysparm_fields`; all fields when empty. */
  readonly fields: readonly string[]
}

/** The format that the query parameters request. */
export function requestedFormat({ request }: Context): RecordFormat {
  const display = request.query.get('sysparm_display_value')?.toLowerCase()
  return {
    display: display === 'true' || display === 'all' ? display : 'false',
    links: !isTrue(request, 'sysparm_exclude_reference_link'),
    fields: (request.query.get('sysparm_fields') ?? '')
      .split(',')
      .map(name => name.trim())
      .filter(Boolean)
  }
}

/** How a password reads. */
const HIDDEN = '********'

type FormattedValue = string | Readonly<Record<string, string>>

function formatReference(link: string, value: string, display: string, format: RecordFormat): FormattedValue {
  const withLink = format.links ? { link } : {}
  if (format.display === 'all') return { display_value: display, ...withLink, value }
  if (format.display === 'true') return format.links ? { display_value: display, ...withLink } : display
  return format.links ? { ...withLink, value } : value
}

function formatValue(
  context: Context,
  field: Field,
  value: string,
  display: string,
  format: RecordFormat
): FormattedValue {
  if (field.type === 'reference' && value !== '') {
    const link = `${context.request.origin}/api/now/table/${field.target}/${encodeURIComponent(value)}`
    return formatReference(link, value, display, format)
  }
  if (format.display === 'all') return { display_value: display, value }
  return format.display === 'true' ? display : value
}

/** The value of a dotted field; undefined when there is no such field, or it may not be read. */
function formatField(
  context: Context,
  table: string,
  row: Row,
  path: string,
  format: RecordFormat
): FormattedValue | undefined {
  const field = fieldAtPath(table, path)
  const { engine, actor } = context
  if (field?.type === 'password') return formatValue(context, field, HIDDEN, HIDDEN, format)
  if (!field || !mayReadField(engine, actor, table, field)) return undefined
  const end = followPath(engine, table, row, path)
  if (path.includes('.') && end && !mayRead(engine, actor, end.table, end.row)) return undefined
  const display = format.display === 'false' ? '' : displayAt(engine, actor, end)
  return formatValue(context, field, valueAt(end), display, format)
}

/** A record in the format of this API. Every value is a string, or an object of strings. */
export function formatRecord(
  context: Context,
  table: string,
  row: Row,
  format: RecordFormat
): Record<string, FormattedValue> {
  const paths = format.fields.length > 0 ? format.fields : [...definitionOf(table).fields.keys()]
  const record: Record<string, FormattedValue> = {}
  for (const path of paths) {
    const value = formatField(context, table, row, path, format)
    if (value !== undefined) record[path] = value
  }
  return record
}
