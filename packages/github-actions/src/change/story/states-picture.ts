/** The states of a change in time: a picture that GitHub draws from Mermaid, and the same as a table. */
import { formatServiceNowDate, STATES } from '@change-actions/change-control'
import { formatDuration } from '../../inputs/time.ts'
import { markdown } from '../../text.ts'
import type { SeenState } from './story.ts'

/** More boxes are too small to read; the table has them all. */
const MAX_BOXES = 8
const MAX_LABEL = 40
/** Times are shown to the second. */
const MIN_SPAN_MS = 1_000

/** A flowchart with the time at which each state was seen and how long it lasted; '' where all were seen within a second. */
export function statesPicture(states: readonly SeenState[]): string {
  const [first, last] = [states[0]?.[1] ?? 0, states.at(-1)?.[1] ?? 0]
  if (last - first < MIN_SPAN_MS) return ''
  const shown = states.slice(-MAX_BOXES)
  const boxes = shown.map(([name, at], i) => `  s${i}["${label(wordOf(name))} ${clock(at)}"]`)
  const arrows = shown.slice(1).map(([, at], i) => {
    const lasted = at - (shown[i]?.[1] ?? at)
    return `  s${i} -->|"${formatDuration(Math.max(0, lasted))}"| s${i + 1}`
  })
  return ['```mermaid', 'flowchart LR', ...boxes, ...arrows, '```'].join('\n')
}

/** The rows of the table: state, and when it was seen, in UTC. Cells are Markdown. */
export function statesRows(states: readonly SeenState[]): readonly (readonly [string, string])[] {
  return states.map(([name, at]) => [markdown(wordOf(name)), formatServiceNowDate(at)])
}

/** Of a state that everybody has, its word; a custom one has its own label already. */
function wordOf(name: string): string {
  return STATES.find(state => state.name === name)?.label ?? name
}

/** Labels come from the instance: only what cannot end the quotes, the box or the fence is kept. */
function label(name: string): string {
  const kept = name.replace(/[^\p{L}\p{N}._-]+/gu, ' ').trim()
  return kept.slice(0, MAX_LABEL) || 'another state'
}

/** `21:04:05`, UTC. */
function clock(at: number): string {
  return formatServiceNowDate(at).slice(11)
}
