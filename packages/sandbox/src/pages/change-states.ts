import { choiceLabel, choiceList } from '../engine/choices.ts'
import type { Engine } from '../engine/engine.ts'
import { firstState, stateName } from '../engine/life-cycle.ts'
import { transitionsFrom } from '../engine/states.ts'
import type { Row } from '../engine/store.ts'
import { changeField } from './change-fields.ts'
import { type Html, html } from './html.ts'

const WIDTH = 112
const GAP = 22
const HEIGHT = 36

interface PicturedState {
  readonly value: string
  readonly label: string
}

/** The label of a state of a change. */
export function stateLabel(engine: Engine, value: string): string {
  const field = changeField('state')
  return (field && choiceLabel(engine.store, field, value)) ?? value
}

/** The values of the states that a change of this type can be in. */
function reachableStates(engine: Engine, change: Row): Set<string> {
  const reached = new Set([firstState(engine)])
  for (const state of reached) {
    for (const { to } of transitionsFrom(engine, { ...change, state })) reached.add(to)
  }
  return reached.add(change.state ?? '')
}

/** The states of a change in the order of its life; the state of a cancelled change stands at the end. */
function picturedStates(engine: Engine, change: Row): PicturedState[] {
  const field = changeField('state')
  const reachable = reachableStates(engine, change)
  const states = (field ? choiceList(engine.store, field) : []).filter(([value]) => reachable.has(value))
  const isCancelled = stateName(engine, change.state) === 'canceled'
  return states
    .filter(([value]) => isCancelled || stateName(engine, value) !== 'canceled')
    .map(([value, label]) => ({ value, label }))
}

function box(state: PicturedState, index: number, current: number): Html {
  const x = 1 + index * (WIDTH + GAP)
  const kind = index === current ? 'current' : index < current ? 'past' : 'ahead'
  const line =
    index === 0
      ? html``
      : html`<line x1="${String(x - GAP)}" y1="${String(HEIGHT / 2)}" x2="${String(x)}" y2="${String(HEIGHT / 2)}"/>`
  return html`${line}<g class="${kind}"><rect x="${String(x)}" y="1" width="${String(WIDTH)}" height="${String(HEIGHT - 2)}" rx="6"/><text x="${String(x + WIDTH / 2)}" y="${String(HEIGHT / 2)}">${state.label}</text></g>`
}

/** The states of a change as a picture, with its meaning as text. */
export function statesSection(engine: Engine, change: Row): Html {
  const states = picturedStates(engine, change)
  const current = states.findIndex(state => state.value === change.state)
  const width = states.length * (WIDTH + GAP) - GAP + 2
  const order = states.map(state => state.label).join(', ')
  const hold = change.on_hold === 'true' ? ' The change is on hold.' : ''
  const meaning = `Current state: ${stateLabel(engine, change.state ?? '')}. States in order: ${order}.${hold}`
  const boxes = states.map((state, index) => box(state, index, current))
  return html`<section id="states" data-live aria-label="States"><svg class="states" role="img" aria-label="${meaning}" viewBox="${`0 0 ${width} ${HEIGHT}`}"><title>${meaning}</title>${boxes}</svg></section>`
}
