import type { Field } from '../dictionary/field.ts'
import { parseUtc, utc } from './dates.ts'

/**
 * What a column keeps of a text set as its actual value: strings are cut at their length, dates that
 * are not `YYYY-MM-DD HH:MM:SS` are lost without an error, everything else is taken as it is.
 */
export function storable(field: Field, text: string): string {
  switch (field.type) {
    case 'string':
      return field.maxLength === undefined ? text : text.slice(0, field.maxLength)
    case 'boolean':
      return /^(true|1|yes|on)$/i.test(text.trim()) ? 'true' : 'false'
    case 'date_time': {
      const ms = parseUtc(text.trim())
      return ms === undefined ? '' : utc(ms)
    }
    default:
      return text
  }
}
