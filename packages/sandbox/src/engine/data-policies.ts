import { definitionOf } from '../dictionary/tables.ts'
import { type Engine, RuleAbort } from './engine.ts'
import { STATE, type StateName } from './states.ts'
import type { Row } from './store.ts'

interface DataPolicy {
  readonly applies: (change: Row) => boolean
  readonly mandatory: readonly string[]
}

const inState =
  (...names: StateName[]) =>
  (change: Row): boolean =>
    names.some(name => STATE[name] === change.state)

/** Judged on the record as it would be stored, so a state and what it demands belong in one write. */
const POLICIES: readonly DataPolicy[] = [
  { applies: inState('assess', 'authorize'), mandatory: ['assignment_group'] },
  { applies: inState('closed'), mandatory: ['close_code', 'close_notes'] },
  { applies: change => change.on_hold === 'true', mandatory: ['on_hold_reason'] }
]

function extraPolicies(engine: Engine): DataPolicy[] {
  return Object.entries(engine.settings.extraMandatory).map(([state, fields]) => {
    const value = STATE[state.toLowerCase() as StateName] ?? state
    return {
      applies: change => change.state === value,
      mandatory: typeof fields === 'string' ? [fields] : fields
    }
  })
}

function labelOfField(name: string): string {
  return definitionOf('change_request').fields.get(name)?.label ?? name
}

/** @throws RuleAbort naming the labels of the fields that are missing */
export function enforceDataPolicies(engine: Engine, change: Row): void {
  const demanded = [...POLICIES, ...extraPolicies(engine)].filter(policy => policy.applies(change))
  const missing = new Set(
    demanded.flatMap(policy => policy.mandatory).filter(name => (change[name] ?? '') === '')
  )
  if (missing.size === 0) return
  const labels = [...missing].map(labelOfField).join(', ')
  throw new RuleAbort('data-policy', `Data Policy Exception: The following fields are mandatory: ${labels}`)
}
