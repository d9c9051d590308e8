import { describe, expect, it } from '@jest/globals'
import { problemsOf, resolved } from '../testing/inputs.ts'
import { lifeCycleInputs, listsOf } from './states.ts'
import { waitInputs, waitProblems } from './wait.ts'

const shape = { ...lifeCycleInputs, ...waitInputs }
const rules = waitProblems

const listsFor = async (states: string, lists: Readonly<Record<string, string>>) => {
  const { values } = await resolved(shape, { INPUT_STATES: states, ...lists }, { rules })
  return listsOf(values)
}
const wrong = (states: string, lists: Readonly<Record<string, string>> = {}) =>
  problemsOf(shape, { INPUT_STATES: states, ...lists }, { rules })

describe('the states of an instance', () => {
  it('are read in the order in which they were written, as YAML or JSON', async () => {
    const text = 'Verify: review\n"10": review\n2: implement\nReady to deploy: Scheduled'
    const entries = [
      { state: 'Verify', name: 'review' },
      { state: '10', name: 'review' },
      { state: '2', name: 'implement' },
      { state: 'Ready to deploy', name: 'scheduled' }
    ]
    expect((await resolved(shape, { INPUT_STATES: text })).values.states).toEqual(entries)
    const json = '{"Verify":"review","10":"review","2":"implement","Ready to deploy":"Scheduled"}'
    expect((await resolved(shape, { INPUT_STATES: json })).values.states).toEqual(entries)
    expect((await resolved(shape, {})).values.states).toEqual([])
  })

  it.each([
    ['{}', /^`states` is an empty map/],
    ['# none', /^`states` is an empty map/],
    ['draft', /^`states` must be a YAML map of states/],
    ['- draft: new', /^`states` must be a YAML map of states/],
    ['draft: new\ndraft: review', /^`states` is not valid YAML/],
    ['draft: new\nDRAFT: review', /^`states` gives one state two meanings/],
    [
      'a: b\nc:',
      /^`states` maps `a` to `b`, which is no name of a state: it takes .*; it has no name for the state `c`/
    ]
  ])('are refused: %j', async (text, message) => {
    expect(await wrong(text)).toEqual([expect.stringMatching(message)])
  })
})

describe('lists of states', () => {
  const STATES = 'Ready to deploy: scheduled\n"10": review\n"-2": authorize'

  it('hold names, mapped states by what they count as, and others as they are', async () => {
    const lists = await listsFor(STATES, {
      'INPUT_PROCEED-STATES': 'READY to deploy, 10, -1',
      'INPUT_WAIT-STATES': 'New\n-2\nBusiness Review\n7'
    })
    expect(lists).toEqual({
      proceedStates: ['scheduled', 'review', 'implement'],
      waitStates: ['new', 'authorize', 'Business Review', '7']
    })
  })

  it('do not let a misspelt name pass for a state of the instance', async () => {
    expect(await wrong('', { 'INPUT_WAIT-STATES': 'new, shceduled' })).toEqual([
      expect.stringMatching(/^`wait-states` holds `shceduled`; did you mean `scheduled`\?/)
    ])
    const mapped = await listsFor('shceduled: scheduled', { 'INPUT_WAIT-STATES': 'new, shceduled' })
    expect(mapped.waitStates).toEqual(['new', 'scheduled'])
  })

  it('cannot have a change proceed that is over, by a mapped state either', async () => {
    expect(await wrong('Done: closed', { 'INPUT_PROCEED-STATES': 'done' })).toEqual([
      expect.stringMatching(/^`proceed-states` cannot hold closed/)
    ])
  })
})
