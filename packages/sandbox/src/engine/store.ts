import { createHash } from 'node:crypto'
import { definitionOf, EXTENSIONS, TABLES } from '../dictionary/tables.ts'
import type { AttachmentFiles } from './attachment-files.ts'

/** Stored values by field name: a record or a part of it. */
export type Values = Readonly<Record<string, string>>

/** A stored record. A write replaces the row; a row itself never changes. */
export type Row = Values & { readonly sys_id: string }

export interface StoreSnapshot {
  readonly tables: Readonly<Record<string, readonly Row[]>>
  readonly counters: Readonly<Record<string, number>>
}

/** A sys_id computed from a name: always the same 32 hexadecimal digits. */
export function sysIdOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32)
}

/** The data of the instance: records in memory, the content of attachments in files. No rule runs here. */
export class Store {
  readonly files: AttachmentFiles
  readonly #tables = new Map<string, Map<string, Row>>()
  readonly #counters = new Map<string, number>()
  readonly #listeners: (() => void)[] = []

  constructor(files: AttachmentFiles) {
    this.files = files
    for (const name of TABLES.keys()) this.#tables.set(name, new Map())
  }

  /** Calls `listener` after every write. */
  onWrite(listener: () => void): void {
    this.#listeners.push(listener)
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }

  #rowsById(table: string): Map<string, Row> {
    definitionOf(table)
    const rows = this.#tables.get(table) ?? new Map<string, Row>()
    // A table of an application is added after the others.
    this.#tables.set(table, rows)
    return rows
  }

  /** The rows of a table and of the tables that extend it, oldest first. @throws Error for an unknown table */
  rows(table: string): Row[] {
    const parts = EXTENSIONS[table] ?? [table]
    return parts.flatMap(part => [...this.#rowsById(part).values()])
  }

  /** A row of a table or of a table that extends it. @throws Error for an unknown table */
  get(table: string, sysId: string): Row | undefined {
    for (const part of EXTENSIONS[table] ?? [table]) {
      const row = this.#rowsById(part).get(sysId)
      if (row) return row
    }
    return undefined
  }

  /** Adds a row, or replaces the one with its sys_id. */
  put(table: string, row: Row): void {
    this.#rowsById(table).set(row.sys_id, row)
    this.#notify()
  }

  /** Removes a row, and the file of an attachment. */
  remove(table: string, sysId: string): void {
    this.#rowsById(table).delete(sysId)
    if (table === 'sys_attachment') this.files.remove(sysId)
    this.#notify()
  }

  /** The next number of a counter that starts at `first`. */
  count(key: string, first: number): number {
    const next = this.#counters.get(key) ?? first
    this.#counters.set(key, next + 1)
    return next
  }

  /** A new sys_id. Runs that write in the same order get the same ones. */
  newSysId(table: string): string {
    return sysIdOf(`${table}#${this.count(`sys_id:${table}`, 1)}`)
  }

  /** The records and counters, for the state file. */
  snapshot(): StoreSnapshot {
    return {
      tables: Object.fromEntries([...this.#tables].map(([name, rows]) => [name, [...rows.values()]])),
      counters: Object.fromEntries(this.#counters)
    }
  }

  /** Replaces the rows and counters by those of a snapshot. */
  restore(snapshot: StoreSnapshot): void {
    for (const [name, rows] of Object.entries(snapshot.tables)) {
      const rowsById = this.#rowsById(name)
      rowsById.clear()
      for (const row of rows) rowsById.set(row.sys_id, row)
    }
    for (const [key, next] of Object.entries(snapshot.counters)) this.#counters.set(key, next)
  }
}
