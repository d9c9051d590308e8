/** An entry of a manifest, read field by field. Every error names the entry and the field. */
export class Entry {
  readonly kind: string
  readonly name: string
  readonly #values: Readonly<Record<string, unknown>>
  readonly #read = new Set(['kind'])

  /** @throws Error when the value is no object or has no kind or name */
  constructor(value: unknown, position: number) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw new Error(`entry ${position} is no object.`)
    }
    this.#values = value as Record<string, unknown>
    this.kind = String(this.#values.kind ?? '')
    this.name = String(this.#values.name ?? '')
    this.#read.add('name')
    if (this.kind === '' || this.name === '') throw new Error(`entry ${position} needs a kind and a name.`)
  }

  fail(message: string): never {
    throw new Error(`${this.kind} "${this.name}": ${message}`)
  }

  /** @throws Error when the field is missing and there is no `fallback`, or it is no text */
  text(field: string, fallback?: string): string {
    this.#read.add(field)
    const value = this.#values[field] ?? fallback
    if (typeof value !== 'string') this.fail(`"${field}" must be a text.`)
    return value
  }

  flag(field: string, fallback: boolean): boolean {
    this.#read.add(field)
    const value = this.#values[field] ?? fallback
    if (typeof value !== 'boolean') this.fail(`"${field}" must be true or false.`)
    return value
  }

  number(field: string, fallback: number): number {
    this.#read.add(field)
    const value = this.#values[field] ?? fallback
    if (typeof value !== 'number') this.fail(`"${field}" must be a number.`)
    return value
  }

  /** A text of a fixed list. */
  choice<T extends string>(field: string, choices: readonly T[]): T {
    const value = this.text(field)
    if (!choices.includes(value as T)) {
      this.fail(`"${field}" must be one of ${choices.join(', ')}, not "${value}".`)
    }
    return value as T
  }

  texts(field: string, fallback: readonly string[]): readonly string[] {
    this.#read.add(field)
    const value = this.#values[field] ?? fallback
    if (!Array.isArray(value) || value.some(one => typeof one !== 'string')) {
      this.fail(`"${field}" must be a list of texts.`)
    }
    return value as string[]
  }

  objects(field: string): readonly Readonly<Record<string, unknown>>[] {
    this.#read.add(field)
    const value = this.#values[field]
    if (!Array.isArray(value) || value.some(one => one === null || typeof one !== 'object')) {
      this.fail(`"${field}" must be a list of objects.`)
    }
    return value as Record<string, unknown>[]
  }

  /** @throws Error for a field that nothing has read: it would have no effect */
  done(): void {
    const unknown = Object.keys(this.#values).filter(field => !this.#read.has(field))
    if (unknown.length > 0) this.fail(`unknown field "${unknown.join('", "')}".`)
  }
}
