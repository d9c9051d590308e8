import { fieldLabel } from '../dictionary/tables.ts'
import { type Engine, RuleAbort } from './engine.ts'
import { STATE, type StateName, stateName } from './life-cycle.ts'
import type { Row } from './store.ts'

interface DataPolicy {
  readonly applies: (change: Row, engine: Engine) => boolean
  /** Field names. */
  readonly mandatory: readonly string[]
}

const inState =
  (...names: StateName[]) =>
  (change: Row, engine: Engine): boolean =>
    names.some(name => name === stateName(engine, change.state))

/** Checked on the record as it will be stored. A state and its mandatory fields must be in the same write. */
const POLICIES: readonly DataPolicy[] = [
  { applies: inState('assess', 'authorize'), mandatory: ['assignment_group'] },
  { applies: inState('closed'), mandatory: ['close_code', 'close_notes'] },
  { applies: change => change.on_hold === 'true', mandatory: ['on_hold_reason'] }
]

/** The policies of the option `extraMandatory`. */
function extraPolicies(engine: Engine): DataPolicy[] {
  return Object.entries(engine.settings.extraMandatory).map(([state, fields]) => {
    const value = STATE[state.toLowerCase() as StateName] ?? state
    return {
      applies: change => change.state === value,
      mandatory: typeof fields === 'string' ? [fields] : fields
    }
  })
}

/** @throws RuleAbort with the labels of the missing fields */
export function enforceDataPolicies(engine: Engine, change: Row): void {
  const applicable = [...POLICIES, ...extraPolicies(engine)].filter(policy => policy.applies(change, engine))
  requireFields(
    'change_request',
    change,
    applicable.flatMap(policy => policy.mandatory)
  )
}

/** @throws RuleAbort with the labels of the fields that are empty */
export function requireFields(table: string, row: Row, names: readonly string[]): void {
  const missing = new Set(names.filter(name => (row[name] ?? '') === ''))
  if (missing.size === 0) return
  const labels = [...missing].map(name => fieldLabel(table, name)).join(', ')
  throw new RuleAbort(`Data Policy Exception: The following fields are mandatory: ${labels}`)
}
