import { createHash } from 'node:crypto'
import { definitionOf, EXTENSIONS, TABLES } from '../dictionary/tables.ts'
import type { Files } from './files.ts'

/** Raw values by field name, not necessarily a whole record. */
export type Values = Readonly<Record<string, string>>

/** A stored record. Rows are never changed in place; a write replaces the row. */
export type Row = Values & { readonly sys_id: string }

export interface StoreSnapshot {
  readonly tables: Readonly<Record<string, readonly Row[]>>
  readonly counters: Readonly<Record<string, number>>
}

/** The sys_id that a name always gets: 32 hexadecimal digits. */
export function sysIdOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32)
}

/** All data of the instance without any rule: records in memory, the content of attachments in files. */
export class Store {
  readonly files: Files
  readonly #tables = new Map<string, Map<string, Row>>()
  readonly #counters = new Map<string, number>()
  readonly #listeners: (() => void)[] = []

  constructor(files: Files) {
    this.files = files
    for (const name of TABLES.keys()) this.#tables.set(name, new Map())
  }

  /** Calls back after every write. */
  onWrite(listener: () => void): void {
    this.#listeners.push(listener)
  }

  #written(): void {
    for (const listener of this.#listeners) listener()
  }

  #own(table: string): Map<string, Row> {
    definitionOf(table)
    return this.#tables.get(table) as Map<string, Row>
  }

  /** The rows of a table and of those that extend it, oldest first. */
  rows(table: string): Row[] {
    const parts = EXTENSIONS[table] ?? [table]
    return parts.flatMap(part => [...this.#own(part).values()])
  }

  get(table: string, sysId: string): Row | undefined {
    for (const part of EXTENSIONS[table] ?? [table]) {
      const row = this.#own(part).get(sysId)
      if (row) return row
    }
    return undefined
  }

  put(table: string, row: Row): void {
    this.#own(table).set(row.sys_id, row)
    this.#written()
  }

  remove(table: string, sysId: string): void {
    this.#own(table).delete(sysId)
    if (table === 'sys_attachment') this.files.remove(sysId)
    this.#written()
  }

  /** Counts up from `first`; the same key never gives the same number twice. */
  count(key: string, first: number): number {
    const next = this.#counters.get(key) ?? first
    this.#counters.set(key, next + 1)
    return next
  }

  /** A new sys_id, the same in every run that writes in the same order. */
  newSysId(table: string): string {
    return sysIdOf(`${table}#${this.count(`sys_id:${table}`, 1)}`)
  }

  snapshot(): StoreSnapshot {
    return {
      tables: Object.fromEntries([...this.#tables].map(([name, rows]) => [name, [...rows.values()]])),
      counters: Object.fromEntries(this.#counters)
    }
  }

  restore(snapshot: StoreSnapshot): void {
    for (const [name, rows] of Object.entries(snapshot.tables)) {
      const own = this.#own(name)
      own.clear()
      for (const row of rows) own.set(row.sys_id, row)
    }
    for (const [key, next] of Object.entries(snapshot.counters)) this.#counters.set(key, next)
  }
}
