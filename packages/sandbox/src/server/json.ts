/** A number that is written with a decimal point: the Change Management API writes `-5.0`. */
export class Decimal {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  toString(): string {
    return Number.isInteger(this.value) ? `${this.value}.0` : String(this.value)
  }
}

/** Writes JSON like `JSON.stringify`, and {@link Decimal} values with their `.0`. */
export function toJson(value: unknown): string {
  if (value instanceof Decimal) return value.toString()
  if (Array.isArray(value)) return `[${value.map(one => toJson(one ?? null)).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => `${JSON.stringify(name)}:${toJson(member)}`)
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value)
}

/**
 * Reads JSON the way ServiceNow does. Text that is not JSON is read again with single quotes as double quotes:
 * documented samples contain them.
 * @throws SyntaxError when both fail
 */
export function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!text.includes("'")) throw error
    return JSON.parse(requote(text))
  }
}

/** Replaces single-quoted strings by double-quoted ones. */
function requote(text: string): string {
  const strings = /"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'/g
  return text.replace(strings, (quoted, single?: string) =>
    single === undefined ? quoted : `"${single.replaceAll("\\'", "'").replace(/(?<!\\)"/g, '\\"')}"`
  )
}
