/** What earlier steps, other runs and other releases wrote. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  isCorrelationId,
  isDerivedId,
  parseBinding,
  parseClaims,
  parseJobVariable,
  parseSavedState,
  parseServiceNowDate,
  parseState,
  withoutMarkers
} from '@change-actions/change-control'
import { readGate } from '../../../actions/gate/src/state.ts'
import { keptOf, splitOff } from '../../../packages/change-operations/src/note-parts.ts'
import { noteValue } from '../../../packages/change-operations/src/note-value.ts'
import { below, mutated, type Random } from '../mutate.ts'
import type { Target } from '../target.ts'

/** All texts in a golden file. */
function textsIn(name: string): readonly string[] {
  const file = join(import.meta.dirname, '../../golden/release-1.0', name)
  const texts: string[] = []
  JSON.parse(readFileSync(file, 'utf8'), (_, value: unknown) => {
    if (typeof value === 'string') texts.push(value)
    return value
  })
  return texts
}

const BINDINGS = textsIn('bindings.json')
const CLAIMS = textsIn('claims.json')
const NOTES = textsIn('notes.json')
const IDS = textsIn('correlation-ids.json')
const VARIABLES = textsIn('exported-variables.json')
const STATES = textsIn('saved-state.json')

const isTypeError = (error: unknown): boolean =>
  error instanceof TypeError && /saved state/.test(error.message)

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

export const recordTargets: readonly Target[] = [
  { name: 'records: binding', run: random => parseBinding(mutated(BINDINGS, random)) },
  { name: 'records: claims', run: random => parseClaims(mutated([...CLAIMS, ...NOTES], random)) },
  {
    name: 'records: untrusted text forms no marker',
    run(random) {
      const text = mutated([...CLAIMS, ...NOTES], random)
      for (const safe of [withoutMarkers(text), noteValue(text)]) {
        must(parseClaims(safe).length === 0, `a claim is left in ${JSON.stringify(safe)}`)
        must(!/\[gha/i.test(safe), `a marker is left in ${JSON.stringify(safe)}`)
      }
    }
  },
  {
    name: 'records: parts of a note hold all of it',
    run(random) {
      const text = mutated(NOTES, random)
      const limit = 100 + below(random, 4_000)
      let left: string | undefined = text
      let whole = ''
      for (let parts = 0; left !== undefined && parts < 10_000; parts += 1) {
        const split = splitOff({ text: left, marker: '[gha 012345678901]' }, limit)
        const part: string = split?.first.text ?? left
        whole += `${part}\n`
        left = split?.rest.text
      }
      must(whole.replace(/\n/g, '') === text.replace(/\n/g, ''), 'a part of the note is lost')
    }
  },
  {
    name: 'records: a note that was cut',
    run: random => keptOf(mutated(NOTES, random), mutated(NOTES, random))
  },
  {
    name: 'records: correlation id',
    run: random => [isCorrelationId, isDerivedId].map(is => is(mutated(IDS, random)))
  },
  { name: 'records: variables of the job', run: random => parseJobVariable(mutated(VARIABLES, random)) },
  {
    name: 'records: saved state',
    run: random => parseSavedState(mutated(STATES, random)),
    declared: isTypeError
  },
  { name: 'records: saved state of the gate', run: readSaved, declared: isTypeError },
  {
    name: 'records: dates of an instance',
    run: random => parseServiceNowDate(mutated(['2026-11-25 10:00:00', '2026-02-29 24:00:00', ''], random))
  },
  {
    name: 'records: states',
    run: random => parseState(mutated(['scheduled', '-1', 'Cancelled', '0.0'], random))
  }
]

function readSaved(random: Random): unknown {
  return readGate({ readState: () => mutated(STATES, random) } as never)
}
