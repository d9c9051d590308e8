import { definitionOf } from '../dictionary/tables.ts'
import { choiceLabel } from '../engine/choices.ts'
import type { Engine, TransitionRefused } from '../engine/engine.ts'
import { stateName } from '../engine/life-cycle.ts'
import { conditionHolds, type Transition, transitionsFrom } from '../engine/states.ts'
import { type Row, sysIdOf } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { HttpError, type HttpResponse, jsonResponse } from '../server/response.ts'
import type { PathParameters } from '../server/router.ts'
import { requireChange } from './find.ts'

function stateLabel(engine: Engine, value: string): string {
  const field = definitionOf('change_request').fields.get('state')
  return (field && choiceLabel(engine.store, field, value)) ?? value
}

/** A transition in the format of `state_transitions`. */
function describeTransition(engine: Engine, change: Row, transition: Transition): Record<string, unknown> {
  const { from, to } = transition
  const conditions = transition.conditions.map(name => ({
    passed: conditionHolds(engine, change, name),
    condition: { name, description: null, sys_id: sysIdOf(`condition ${name}`) }
  }))
  const name = `${stateLabel(engine, from)} to ${stateLabel(engine, to)}`
  return {
    sys_id: sysIdOf(`transition ${name} ${transition.automatic}`),
    display_value: name,
    from_state: from,
    to_state: to,
    transition_available: conditions.every(one => one.passed),
    automatic_transition: transition.automatic,
    conditions
  }
}

/**
 * What refuses a move of a change model whose conditions are not met: 400, with the transition as a JSON text in
 * `detail`. undefined for a move that the model does not know: the rule's own text is sent then.
 */
export function refusedTransition(engine: Engine, { change, to }: TransitionRefused): HttpError | undefined {
  if (!engine.settings.changeModels) return undefined
  const ways = transitionsFrom(engine, change).filter(one => one.to === to && !one.automatic)
  const [way] = ways
  if (way === undefined) return undefined
  const detail = JSON.stringify(describeTransition(engine, change, way))
  return new HttpError(
    400,
    `Change Request cannot move to state: ${stateName(engine, to) ?? stateLabel(engine, to)}`,
    detail
  )
}

/** `GET …/nextstates`: the available states include the current one, and states whose conditions fail. */
export function nextStates(context: Context, parameters: PathParameters): HttpResponse {
  const { engine } = context
  const change = requireChange(context, parameters)
  const transitions = transitionsFrom(engine, change)
  const targets = [...new Set(transitions.map(transition => transition.to))]
  const current = change.state ?? ''
  const available = [...targets, current]
  const byTarget = targets.map(target =>
    transitions.filter(one => one.to === target).map(one => describeTransition(engine, change, one))
  )
  return jsonResponse(200, {
    result: {
      available_states: available,
      state_transitions: engine.settings.changeModels ? byTarget : [],
      state_label: Object.fromEntries(available.map(value => [value, stateLabel(engine, value)]))
    }
  })
}
