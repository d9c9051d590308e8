import { SYSTEM } from '../engine/actor.ts'
import type { Engine, RecordWrite } from '../engine/engine.ts'
import { matchesQuery, usableQuery } from '../query/evaluate.ts'

/** A term that is true or false for every record. */
const constant = (holds: boolean) => (holds ? 'sys_idISNOTEMPTY' : 'sys_idISEMPTY')

/** A term about the change of a field, which only the filter of a rule may have. */
const CHANGE_TERM = /^((?:OR|NQ)?)([a-z][a-z0-9_]{0,79})(VALCHANGES|CHANGESTO|CHANGESFROM)/

/** The term; one about the change of a field as a term that is true or false for every record. */
function judged(term: string, { before, after }: RecordWrite): string {
  const [all = '', joiner = '', field = '', kind] = CHANGE_TERM.exec(term) ?? []
  if (kind === undefined) return term
  const value = term.slice(all.length)
  const [from, to] = [before?.[field] ?? '', after[field] ?? '']
  const wanted = kind === 'CHANGESFROM' ? from : to
  return joiner + constant(from !== to && (kind === 'VALCHANGES' || wanted === value))
}

/** Whether a write meets the filter of a rule. A filter with an unknown field is met by none. */
export function meetsFilter(engine: Engine, table: string, write: RecordWrite, filter: string): boolean {
  if (filter === '') return true
  const query = filter
    .split('^')
    .map(term => judged(term, write))
    .join('^')
  const usable = usableQuery(table, query)
  return usable.ignored.length === 0 && matchesQuery(engine, SYSTEM, table, write.after, usable)
}
