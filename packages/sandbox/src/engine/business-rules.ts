import { definitionOf } from '../dictionary/tables.ts'
import { type BusinessRule, type BusinessRules, type RecordWrite, RuleAbort } from './engine.ts'
import { type Row, sysIdOf, type Values } from './store.ts'

/** The rules that were added to an instance. They run in their order. */
export class AddedRules implements BusinessRules {
  #rules: readonly BusinessRule[] = []

  add(rule: BusinessRule): () => void {
    definitionOf(rule.table)
    this.#rules = [...this.#rules, rule]
    return () => {
      this.#rules = this.#rules.filter(one => one !== rule)
    }
  }

  apply(table: string, write: RecordWrite): RecordWrite {
    return this.#rules.filter(rule => rule.table === table).reduce(withRule, write)
  }
}

function withRule(write: RecordWrite, rule: BusinessRule): RecordWrite {
  return withChanges(rule.table, write, run(rule, write) ?? {})
}

/** The write with the values that a rule changed; a journal field replaces the text that is added to the journal. */
export function withChanges(table: string, write: RecordWrite, values: Values): RecordWrite {
  const { fields } = definitionOf(table)
  const isJournal = (name: string) => fields.get(name)?.type === 'journal'
  const changed = Object.entries(values)
  const columns = Object.fromEntries(changed.filter(([name]) => !isJournal(name)))
  const notes = Object.fromEntries(changed.filter(([name]) => isJournal(name)))
  return {
    ...write,
    after: { ...write.after, ...columns } as Row,
    notes: { ...write.notes, ...notes }
  }
}

function run(rule: BusinessRule, write: RecordWrite): Values | undefined {
  try {
    return rule.run(write)
  } catch (error) {
    const stack = `Business Rule '${rule.name}^${sysIdOf(rule.name)}'. Business Rule Stack:${rule.name}`
    throw new RuleAbort(`Operation against file '${rule.table}' was aborted by ${stack}`, { cause: error })
  }
}
