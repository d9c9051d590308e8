/** What the main step saves always fits what the runner hands over. */
import { parseSavedState } from '@change-actions/change-control'
import type { GateState } from '@change-actions/change-operations'
import { expect, it } from '@jest/globals'
import type { GateInputs } from './inputs.ts'
import { saveGate } from './state.ts'

const CHANGE: GateState = {
  sysId: 'x',
  number: 'CHG1',
  created: true,
  supplied: false,
  phase: 'entered',
  outcome: 'error',
  times: [['new', 1]],
  evidence: ['report.xml'],
  decisions: [['Anna', 'approved', '']],
  failure: { title: 'Failed', lines: ['Fix: it.'] }
}

function saved(change: GateState): Partial<GateState> {
  const texts: string[] = []
  const tools = { saveState: (_: string, value: string) => void texts.push(value) }
  const connection = { salt: '', hashes: {}, trust: '', environmentInstance: '' }
  saveGate(tools, { maySkip: ['x'.repeat(23_000)] } as unknown as GateInputs, change, connection)
  const state = parseSavedState(texts[0] ?? '')
  return 'change' in state ? state.change : {}
}

it('is whole where there is room', () => expect(saved(CHANGE)).toEqual(CHANGE))

it('leaves out what is only told, the evidence first', () => {
  const { evidence, ...rest } = CHANGE
  expect(saved({ ...CHANGE, evidence: ['x'.repeat(10_000)] })).toEqual(rest)
  const long = { title: 'Failed', lines: ['x'.repeat(10_000)] }
  const { decisions, failure, ...least } = rest
  expect(saved({ ...CHANGE, failure: long })).toEqual(least)
})
