import { parseQuery } from '../query/parse.ts'
import type { Engine } from './engine.ts'
import type { Row, Values } from './store.ts'

/** The values that a change model gives a new change. `record_preset` is an encoded query. */
export function presetOf(model: Row | undefined): Values {
  const terms = parseQuery(model?.record_preset ?? '').alternatives.flat(2)
  return Object.fromEntries(terms.map(({ field, value }) => [field, value]))
}

/** The model that is named like a type, any case; undefined where there is none. */
export function modelOfType(engine: Engine, type: string): Row | undefined {
  return engine.store.rows('chg_model').find(model => model.name?.toLowerCase() === type.toLowerCase())
}

/** The model of a new change: the one that is sent, or that of its type. */
export function modelOfNew(engine: Engine, sent: Values): Row | undefined {
  const named = engine.store.get('chg_model', sent.chg_model ?? '')
  return named ?? modelOfType(engine, sent.type || 'normal')
}
