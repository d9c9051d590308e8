import type { FieldFact, Host } from './types.ts'

/** A record, as its elements see it. */
export interface ElementOwner {
  get(sysId: unknown): boolean
  getElement(name: string): GlideElementLike | null
  getTableName(): string
  getUniqueValue(): string
  getDisplayValue(field: string): string
  setValue(field: string, value: unknown): void
  valueOf(field: string): string
  storedValue(field: string): string
  isChanged(field: string): boolean
}

export interface GlideElementLike {
  setDisplayValue(value: unknown): void
  getRefRecord(): ElementOwner
}

export type ElementClass = new (record: ElementOwner, field: FieldFact) => GlideElementLike

/**
 * The class of the fields of a record. It compares as its text; a reference has the fields of its record.
 * @param open a record of a table
 */
export function elementClass(
  host: Host,
  fieldsOf: (table: string) => FieldFact[],
  open: (table: string) => ElementOwner
): ElementClass {
  const textOf = (value: unknown) => (value === null || value === undefined ? '' : String(value))

  return class GlideElement {
    readonly #record: ElementOwner
    readonly #field: FieldFact

    constructor(record: ElementOwner, field: FieldFact) {
      this.#record = record
      this.#field = field
      for (const { name } of field.target ? fieldsOf(field.target) : []) {
        if (name in this) continue
        const get = () => this.getRefRecord().getElement(name)
        Object.defineProperty(this, name, { get })
      }
    }
    toString(): string {
      return this.#record.valueOf(this.#field.name)
    }
    valueOf(): string {
      return this.toString()
    }
    toJSON(): string {
      return this.toString()
    }
    getName(): string {
      return this.#field.name
    }
    getLabel(): string {
      return this.#field.label
    }
    getReferenceTable(): string {
      return this.#field.target ?? ''
    }
    getDisplayValue(): string {
      return this.#record.getDisplayValue(this.#field.name)
    }
    setValue(value: unknown): void {
      this.#record.setValue(this.#field.name, value)
    }
    setDisplayValue(value: unknown): void {
      this.setValue(
        host('fromDisplay', {
          table: this.#record.getTableName(),
          field: this.#field.name,
          text: textOf(value)
        })
      )
    }
    nil(): boolean {
      return this.toString() === ''
    }
    changes(): boolean {
      return this.#record.isChanged(this.#field.name)
    }
    changesTo(value: unknown): boolean {
      return this.changes() && this.toString() === textOf(value)
    }
    changesFrom(value: unknown): boolean {
      return this.changes() && this.#record.storedValue(this.#field.name) === textOf(value)
    }
    dateNumericValue(): number {
      return Date.parse(`${this.toString().replace(' ', 'T')}Z`)
    }
    getJournalEntry(count: number): unknown {
      return host('journal', { id: this.#record.getUniqueValue(), element: this.#field.name, count })
    }
    getRefRecord(): ElementOwner {
      const found = open(this.#field.target ?? '')
      found.get(this.toString())
      return found
    }
  }
}
