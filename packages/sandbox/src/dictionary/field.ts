/** The instance's dictionary (sys_dictionary): what is defined for tables and fields. */

export type FieldType =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'date_time'
  | 'reference'
  | 'list'
  | 'journal'
  | 'variables'
  | 'password'

export interface Field {
  readonly name: string
  readonly label: string
  readonly type: FieldType
  /** Table that a reference or list refers to. */
  readonly target?: string
  /** Characters stored. A longer text is cut without an error. */
  readonly maxLength?: number
  /** Table whose sys_choice rows are the choices of this field. */
  readonly choicesOf?: string
  /** Only the system writes it. */
  readonly readOnly?: boolean
  /** Display value of an empty field. */
  readonly emptyDisplay?: string
}

/** Numbers such as CHG0030001: a prefix and the first number. */
export interface Numbering {
  readonly prefix: string
  readonly first: number
}

export interface Table {
  readonly name: string
  readonly label: string
  /** The field whose value is displayed for a reference to a record. */
  readonly displayField: string
  readonly fields: ReadonlyMap<string, Field>
  readonly numbering?: Numbering
}

type FieldOptions = Partial<Omit<Field, 'name' | 'type'>>

const MAX_LONG_TEXT = 4000

function labelFrom(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function field(name: string, type: FieldType, options: FieldOptions = {}): Field {
  return { name, type, label: labelFrom(name), ...options }
}

export const text = (name: string, options: FieldOptions = {}): Field =>
  field(name, 'string', { maxLength: 255, ...options })
export const longText = (name: string, options: FieldOptions = {}): Field =>
  field(name, 'string', { maxLength: MAX_LONG_TEXT, ...options })
export const integer = (name: string, options: FieldOptions = {}): Field => field(name, 'integer', options)
export const flag = (name: string, options: FieldOptions = {}): Field => field(name, 'boolean', options)
export const dateTime = (name: string, options: FieldOptions = {}): Field => field(name, 'date_time', options)
export const journal = (name: string, options: FieldOptions = {}): Field => field(name, 'journal', options)
export const reference = (name: string, target: string, options: FieldOptions = {}): Field =>
  field(name, 'reference', { target, ...options })
export const list = (name: string, target: string, options: FieldOptions = {}): Field =>
  field(name, 'list', { target, ...options })
/** A field of a type without a function of its own. */
export const special = field

/** The columns of every table. */
export const SYSTEM_FIELDS: readonly Field[] = [
  text('sys_id', { label: 'Sys ID', readOnly: true }),
  dateTime('sys_created_on', { label: 'Created', readOnly: true }),
  text('sys_created_by', { label: 'Created by', readOnly: true }),
  dateTime('sys_updated_on', { label: 'Updated', readOnly: true }),
  text('sys_updated_by', { label: 'Updated by', readOnly: true }),
  integer('sys_mod_count', { label: 'Updates', readOnly: true }),
  text('sys_tags', { label: 'Tags', readOnly: true })
]

/** Defines a table. System columns that are not in `fields` are appended. */
export function table(
  name: string,
  label: string,
  displayField: string,
  fields: readonly Field[],
  numbering?: Numbering
): Table {
  const byName = new Map(fields.map(one => [one.name, one]))
  for (const one of SYSTEM_FIELDS) if (!byName.has(one.name)) byName.set(one.name, one)
  return { name, label, displayField, fields: byName, ...(numbering && { numbering }) }
}
