import type { Field } from '../dictionary/field.ts'
import type { Row } from './row.ts'

/** What values that are equal have in common: numbers as numbers, other values in lower case. */
function keyOf(field: Field, value: string): string {
  if (field.type === 'integer' && value !== '') return String(Number(value))
  return value.toLowerCase()
}

const NONE: ReadonlySet<number> = new Set()

/** The rows of a table by the value of one field. A row is known by its place in the table. */
export class ValueIndex {
  readonly #field: Field
  readonly #places = new Map<string, Set<number>>()

  constructor(field: Field) {
    this.#field = field
  }

  #keyOf(row: Row): string {
    return keyOf(this.#field, row[this.#field.name] ?? '')
  }

  add(row: Row, place: number): void {
    const key = this.#keyOf(row)
    const places = this.#places.get(key)
    if (places) places.add(place)
    else this.#places.set(key, new Set([place]))
  }

  remove(row: Row, place: number): void {
    this.#places.get(this.#keyOf(row))?.delete(place)
  }

  /** The places of the rows whose value is equal to this one, in no order. */
  find(value: string): ReadonlySet<number> {
    return this.#places.get(keyOf(this.#field, value)) ?? NONE
  }
}
