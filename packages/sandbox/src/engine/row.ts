/** Stored values by field name: a record or a part of it. */
export type Values = Readonly<Record<string, string>>

/** A stored record. A write replaces the row; a row itself never changes. */
export type Row = Values & { readonly sys_id: string }
