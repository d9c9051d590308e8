/** The moves of a change model, as the instance describes them. */
import type { NextState } from './change-api.ts'
import { canonical } from './fields.ts'

/** `state_transitions`: one list for each target state, holding alternative ways to reach it. */
export function readNextStates(body: unknown): NextState[] {
  const result = (body as { result?: Record<string, unknown> } | undefined)?.result ?? {}
  const labels = (result.state_label ?? {}) as Record<string, unknown>
  const groups = Array.isArray(result.state_transitions) ? (result.state_transitions as unknown[]) : []
  const modelled = groups.flatMap(group =>
    Array.isArray(group) && group.length > 0 ? [nextStateOf(group, labels)] : []
  )
  if (modelled.length > 0) return modelled
  const plain = Array.isArray(result.available_states) ? result.available_states.map(String) : []
  return plain.map(state => ({
    state: canonical(state),
    label: String(labels[state] ?? state),
    available: true,
    unmet: []
  }))
}

function nextStateOf(ways: readonly unknown[], labels: Record<string, unknown>): NextState {
  const fields = ways.filter(way => typeof way === 'object' && way !== null) as readonly {
    to_state?: unknown
    transition_available?: unknown
    conditions?: unknown
  }[]
  const state = canonical(String(fields[0]?.to_state ?? ''))
  const unmet = fields.flatMap(way =>
    (Array.isArray(way.conditions) ? way.conditions : []).flatMap(unmetName)
  )
  return {
    state,
    label: String(labels[state] ?? state),
    available: fields.some(way => way.transition_available === true),
    unmet: [...new Set(unmet)]
  }
}

/** The name of a condition that is not met, of the conditions of a transition. */
export function unmetName(condition: unknown): string[] {
  const { passed, condition: about } = (condition ?? {}) as {
    passed?: unknown
    condition?: { name?: unknown }
  }
  return passed === false ? [String(about?.name ?? 'an unnamed condition')] : []
}
