/** One field of a record, the same from both REST dialects: its raw value and what people see. */
export interface FieldValue {
  readonly value: string
  readonly display: string
}

export type Fields = Readonly<Record<string, FieldValue>>

/** What may be sent: ServiceNow would store null, arrays and objects as text. */
export type Scalar = string | number | boolean

/**
 * Normalises one record of either dialect: `{display_value, value}` with typed values (Change Management API),
 * strings or link objects (Table API). Numbers lose a trailing `.0`, booleans become `true`/`false`.
 */
export function toFields(record: unknown): Fields {
  if (typeof record !== 'object' || record === null) return {}
  const fields: Record<string, FieldValue> = {}
  for (const [name, raw] of Object.entries(record)) {
    if (name !== '__meta') fields[name] = toField(raw)
  }
  return fields
}

function toField(raw: unknown): FieldValue {
  if (typeof raw !== 'object' || raw === null) {
    const text = toText(raw)
    return { value: text, display: text }
  }
  const { value, display_value: display } = raw as { value?: unknown; display_value?: unknown }
  const text = toText(value ?? '')
  return { value: text, display: display === undefined || display === null ? text : toText(display) }
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Numbers as whole numbers ("-5.0" → "-5"); anything else as it is. */
export function canonical(value: string): string {
  const text = value.trim()
  return /^-?\d+(?:\.0+)?$/.test(text) ? String(Number(text)) : text
}

const NOTHING: FieldValue = { value: '', display: '' }

export function fieldOf(fields: Fields, name: string): FieldValue {
  return fields[name] ?? NOTHING
}

/** A sys_id as ServiceNow makes them; older shipped records have others, so only what people give is tested. */
export function isSysId(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text)
}
