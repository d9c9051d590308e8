import { createHash } from 'node:crypto'
import { definitionOf, EXTENSIONS, TABLES } from '../dictionary/tables.ts'
import type { AttachmentFiles } from './attachment-files.ts'
import type { Row } from './row.ts'
import { type FieldValue, TableRows } from './table-rows.ts'

export type { Row, Values } from './row.ts'

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
  readonly #tables = new Map<string, TableRows>()
  readonly #counters = new Map<string, number>()
  readonly #providers = new Map<string, () => readonly Row[]>()
  /** Tables with provided rows that were used. */
  readonly #provided = new Set<string>()
  readonly #listeners: (() => void)[] = []

  constructor(files: AttachmentFiles) {
    this.files = files
    for (const name of TABLES.keys()) this.#tables.set(name, new TableRows())
  }

  /** Calls `listener` after every write. */
  onWrite(listener: () => void): void {
    this.#listeners.push(listener)
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Gives a table the rows that it has when it is first used: thousands that few callers read. */
  provide(table: string, rows: () => readonly Row[]): void {
    this.#providers.set(table, rows)
  }

  #rowsOf(table: string): TableRows {
    definitionOf(table)
    const rows = this.#tables.get(table) ?? new TableRows()
    // A table of an application is added after the others.
    this.#tables.set(table, rows)
    const provide = this.#providers.get(table)
    if (provide && !this.#provided.has(table)) {
      this.#provided.add(table)
      for (const row of provide()) rows.put(row)
    }
    return rows
  }

  /** The rows of a table and of the tables that extend it, oldest first. @throws Error for an unknown table */
  rows(table: string): Row[] {
    const parts = EXTENSIONS[table]
    return parts ? parts.flatMap(part => this.#rowsOf(part).all()) : this.#rowsOf(table).all()
  }

  /**
   * Rows of a table and of the tables that extend it, oldest first: at least those with all of these values, numbers as
   * numbers and texts in any case.
   */
  candidates(table: string, values: readonly FieldValue[]): Row[] {
    return (EXTENSIONS[table] ?? [table]).flatMap(part => this.#rowsOf(part).withValues(values))
  }

  /** A row of a table or of a table that extends it. @throws Error for an unknown table */
  get(table: string, sysId: string): Row | undefined {
    for (const part of EXTENSIONS[table] ?? [table]) {
      const row = this.#rowsOf(part).get(sysId)
      if (row) return row
    }
    return undefined
  }

  /** Adds a row, or replaces the one with its sys_id. */
  put(table: string, row: Row): void {
    this.#rowsOf(table).put(row)
    this.#notify()
  }

  /** Removes a row, and the file of an attachment. */
  remove(table: string, sysId: string): void {
    this.#rowsOf(table).remove(sysId)
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

  /** The records and counters, for the state file. Tables with provided rows that were never used are left out. */
  snapshot(): StoreSnapshot {
    const used = [...this.#tables].filter(([name]) => !this.#providers.has(name) || this.#provided.has(name))
    return {
      tables: Object.fromEntries(used.map(([name, rows]) => [name, rows.all()])),
      counters: Object.fromEntries(this.#counters)
    }
  }

  /** Removes every row and counter; the files of attachments stay. */
  clear(): void {
    for (const rows of this.#tables.values()) rows.replace([])
    this.#counters.clear()
    this.#notify()
  }

  /** Replaces the rows by those of a snapshot, and sets its counters. */
  restore(snapshot: StoreSnapshot): void {
    for (const name of this.#provided) this.#tables.get(name)?.replace([])
    this.#provided.clear()
    for (const [name, rows] of Object.entries(snapshot.tables)) {
      if (this.#providers.has(name)) this.#provided.add(name)
      this.#rowsOf(name).replace(rows)
    }
    for (const [key, next] of Object.entries(snapshot.counters)) this.#counters.set(key, next)
    this.#notify()
  }
}
