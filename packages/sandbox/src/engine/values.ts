import type { Field } from '../dictionary/field.ts'
import { parseUtc, utc } from './dates.ts'

/**
 * What a column stores when it is set to a text. Strings are cut at their maximum length. Dates that are neither
 * `YYYY-MM-DD HH:MM:SS` nor the same with a `T` become empty without an error. Other types store the text.
 */
export function storableValue(field: Field, text: string): string {
  switch (field.type) {
    case 'string':
      return field.maxLength === undefined ? text : text.slice(0, field.maxLength)
    case 'boolean':
      return /^(true|1|yes|on)$/i.test(text.trim()) ? 'true' : 'false'
    case 'date_time': {
      const ms = parseUtc(text.trim().replace('T', ' '))
      return ms === undefined ? '' : utc(ms)
    }
    default:
      return text
  }
}
