import { SYSTEM } from '../engine/actor.ts'
import type { Engine, RecordWrite } from '../engine/engine.ts'
import { matchesQuery, usableQuery } from '../query/evaluate.ts'

/** A term that is true or false for every record. */
const constant = (holds: boolean) => (holds ? 'sys_idISNOTEMPTY' : 'sys_idISEMPTY')

/** Terms about the change of a field, which only the filter of a rule may have. */
const CHANGE_TERM = /(^|\^(?:OR|NQ)?)([a-z][a-z0-9_]*)(VALCHANGES|CHANGESTO|CHANGESFROM)([^^]*)/g

/** Whether a write meets the filter of a rule. */
export function meetsFilter(engine: Engine, table: string, write: RecordWrite, filter: string): boolean {
  if (filter === '') return true
  const { before, after } = write
  const query = filter.replace(
    CHANGE_TERM,
    (_, joiner: string, field: string, kind: string, value: string) => {
      const [from, to] = [before?.[field] ?? '', after[field] ?? '']
      const holds =
        from !== to && (kind === 'VALCHANGES' || (kind === 'CHANGESTO' ? to === value : from === value))
      return joiner + constant(holds)
    }
  )
  const usable = usableQuery(table, query)
  return usable.ignored.length === 0 && matchesQuery(engine, SYSTEM, table, after, usable)
}
