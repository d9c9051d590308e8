import { randomUUID } from 'node:crypto'

/** Stands before a decimal in text that `JSON.stringify` wrote. Nobody outside of this process can send it. */
const MARK = randomUUID()

const MARKED = new RegExp(`"${MARK}([^"]*)"`, 'g')

/** A number that is written with a decimal point: the Change Management API writes `-5.0`. */
export class Decimal {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  toString(): string {
    return Number.isInteger(this.value) ? `${this.value}.0` : String(this.value)
  }

  toJSON(): string {
    return `${MARK}${this}`
  }
}

/** Writes JSON like `JSON.stringify`, and {@link Decimal} values with their `.0`. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value)
  return text.includes(MARK) ? text.replaceAll(MARKED, '$1') : text
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
  // A string without an end is taken to the end of the text, so that nothing of it is looked at again.
  const strings = /"(?:[^"\\]|\\.)*"?|'((?:[^'\\]|\\.)*)('?)/g
  return text.replace(strings, (quoted, single?: string, end?: string) =>
    single === undefined || end === ''
      ? quoted
      : `"${single.replaceAll("\\'", "'").replace(/(?<!\\)"/g, '\\"')}"`
  )
}
