import type { Field } from '../dictionary/field.ts'
import type { Row } from './row.ts'
import { ValueIndex } from './value-index.ts'

/** A field and the value that it shall have. */
export interface FieldValue {
  readonly field: Field
  readonly value: string
}

/** In a smaller table every row is looked at as fast. */
const MIN_INDEXED_ROWS = 500

/** The rows of one table, oldest first, and indexes of the fields that were searched. */
export class TableRows {
  /** A row that is replaced keeps its place; the place of one that was removed stays empty. */
  #byPlace: (Row | undefined)[] = []
  readonly #places = new Map<string, number>()
  readonly #indexes = new Map<string, ValueIndex>()

  get(sysId: string): Row | undefined {
    const place = this.#places.get(sysId)
    return place === undefined ? undefined : this.#byPlace[place]
  }

  /** Every row, oldest first. */
  all(): Row[] {
    return this.#byPlace.filter(row => row !== undefined)
  }

  put(row: Row): void {
    const place = this.#places.get(row.sys_id) ?? this.#byPlace.length
    const before = this.#byPlace[place]
    this.#places.set(row.sys_id, place)
    this.#byPlace[place] = row
    for (const index of this.#indexes.values()) {
      if (before) index.remove(before, place)
      index.add(row, place)
    }
  }

  remove(sysId: string): void {
    const place = this.#places.get(sysId)
    const row = this.get(sysId)
    if (place === undefined || !row) return
    this.#places.delete(sysId)
    this.#byPlace[place] = undefined
    for (const index of this.#indexes.values()) index.remove(row, place)
    if (this.#places.size * 2 < this.#byPlace.length) this.replace(this.all())
  }

  /** Replaces all rows. */
  replace(rows: Iterable<Row>): void {
    this.#byPlace = []
    this.#places.clear()
    this.#indexes.clear()
    for (const row of rows) this.put(row)
  }

  /** The rows with all of these values, numbers as numbers and texts in any case, oldest first; more in a small table. */
  withValues(wanted: readonly FieldValue[]): Row[] {
    if (wanted.length === 0 || this.#places.size < MIN_INDEXED_ROWS) return this.all()
    const found = wanted.map(({ field, value }) => this.#indexOf(field).find(value))
    const [fewest = new Set<number>(), ...others] = found.sort((one, other) => one.size - other.size)
    const places = [...fewest].filter(place => others.every(all => all.has(place)))
    return places.sort((one, other) => one - other).map(place => this.#byPlace[place] as Row)
  }

  #indexOf(field: Field): ValueIndex {
    const known = this.#indexes.get(field.name)
    if (known) return known
    const index = new ValueIndex(field)
    for (const [place, row] of this.#byPlace.entries()) if (row) index.add(row, place)
    this.#indexes.set(field.name, index)
    return index
  }
}
