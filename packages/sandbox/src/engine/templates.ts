import { parseQuery } from '../query/parse.ts'
import type { Row, Values } from './store.ts'

/** The values that a standard change template gives a change: an encoded query. */
export function templateValues(template: Row): Values {
  const conditions = parseQuery(template.template ?? '').alternatives.flat(2)
  return Object.fromEntries(conditions.map(({ field, value }) => [field, value]))
}
