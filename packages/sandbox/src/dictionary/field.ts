/** What the instance's dictionary (sys_dictionary) knows about tables and fields. */

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
  /** Table a reference or list points to. */
  readonly target?: string
  /** Characters kept; the rest is cut off without a word. */
  readonly maxLength?: number
  /** Table whose sys_choice rows label this field's values. */
  readonly choicesOf?: string
  /** No account but the system writes it. */
  readonly readOnly?: boolean
  /** Text shown for an empty value. */
  readonly emptyDisplay?: string
}

export interface Table {
  readonly name: string
  readonly label: string
  /** The field that stands for a record when something refers to it. */
  readonly displayField: string
  readonly fields: ReadonlyMap<string, Field>
  readonly numbering?: { readonly prefix: string; readonly first: number }
}

type Extra = Partial<Omit<Field, 'name' | 'type'>>

const LONG_TEXT = 4000

function labelFrom(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function field(name: string, type: FieldType, extra: Extra = {}): Field {
  return { name, type, label: labelFrom(name), ...extra }
}

export const text = (name: string, extra: Extra = {}): Field =>
  field(name, 'string', { maxLength: 255, ...extra })
export const longText = (name: string, extra: Extra = {}): Field =>
  field(name, 'string', { maxLength: LONG_TEXT, ...extra })
export const integer = (name: string, extra: Extra = {}): Field => field(name, 'integer', extra)
export const flag = (name: string, extra: Extra = {}): Field => field(name, 'boolean', extra)
export const dateTime = (name: string, extra: Extra = {}): Field => field(name, 'date_time', extra)
export const journal = (name: string, extra: Extra = {}): Field => field(name, 'journal', extra)
export const reference = (name: string, target: string, extra: Extra = {}): Field =>
  field(name, 'reference', { target, ...extra })
export const list = (name: string, target: string, extra: Extra = {}): Field =>
  field(name, 'list', { target, ...extra })
export const special = field

/** The columns every record has; `domain` adds those of domain separation. */
export const SYSTEM_FIELDS: readonly Field[] = [
  text('sys_id', { label: 'Sys ID', readOnly: true }),
  dateTime('sys_created_on', { label: 'Created', readOnly: true }),
  text('sys_created_by', { label: 'Created by', readOnly: true }),
  dateTime('sys_updated_on', { label: 'Updated', readOnly: true }),
  text('sys_updated_by', { label: 'Updated by', readOnly: true }),
  integer('sys_mod_count', { label: 'Updates', readOnly: true }),
  text('sys_tags', { label: 'Tags', readOnly: true })
]

/** Assembles a table; system columns not placed by hand are appended. */
export function table(
  name: string,
  label: string,
  displayField: string,
  fields: readonly Field[],
  numbering?: Table['numbering']
): Table {
  const own = new Map(fields.map(one => [one.name, one]))
  for (const one of SYSTEM_FIELDS) if (!own.has(one.name)) own.set(one.name, one)
  return { name, label, displayField, fields: own, ...(numbering && { numbering }) }
}
