/** A number that is written with a decimal point, as the Change Management API writes `-5.0`. */
export class Decimal {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  toString(): string {
    return Number.isInteger(this.value) ? `${this.value}.0` : String(this.value)
  }
}

/** JSON.stringify that knows {@link Decimal}: a plain serializer would drop the `.0`. */
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
 * Reads JSON the way the platform does: strictly, and failing that with single quotes taken for double ones,
 * which documented samples contain.
 * @throws SyntaxError when it is neither
 */
export function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!text.includes("'")) throw error
    return JSON.parse(requote(text))
  }
}

function requote(text: string): string {
  const strings = /"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'/g
  return text.replace(strings, (whole, single?: string) =>
    single === undefined ? whole : `"${single.replaceAll("\\'", "'").replace(/(?<!\\)"/g, '\\"')}"`
  )
}
