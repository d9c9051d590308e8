import { describe, expect, it } from '@jest/globals'
import { readStateEntries, type StateMap, stateMap } from './state-map.ts'
import { STATES } from './states.ts'

const mapOf = (given: Readonly<Record<string, unknown>>): StateMap => {
  const read = readStateEntries(Object.entries(given))
  if ('problems' in read) throw new Error(read.problems.join('; '))
  return stateMap(read.entries)
}
const problemsOf = (given: Readonly<Record<string, unknown>>) => {
  const read = readStateEntries(Object.entries(given))
  return 'problems' in read ? read.problems : []
}

describe('what a state counts as', () => {
  const map = mapOf({ Draft: 'new', 'ready to  Deploy': 'Scheduled', 10: 'review', 1: -5, 3: 'canceled' })

  it.each([
    ['-6', 'Draft', 'new'],
    ['5', 'Ready to deploy', 'scheduled'],
    ['10', 'Business Review', 'review'],
    ['10.0', 'Business Review', 'review'],
    ['1', 'Open', 'new'],
    ['3', 'Closed', 'canceled'],
    ['-5', 'New', 'new'],
    ['-1', 'Implement', 'implement'],
    ['10', 'Draft', 'review'],
    ['7', 'Verify', undefined],
    ['7', 'Implement', undefined],
    ['', '', undefined]
  ])('%j "%s": %s', (value, label, name) => {
    expect(map.nameOf(value, label)).toBe(name)
  })

  it('is what is shipped, without a map', () => {
    const shipped = stateMap()
    for (const { name, value, label } of STATES) {
      expect(shipped.nameOf(value, label)).toBe(name)
      expect(shipped.statesOf(name)).toEqual([{ value }])
    }
    expect(shipped.nameOf('1', 'Open')).toBeUndefined()
  })

  it('may be given for a shipped state by its English label, whatever the language of the instance', () => {
    const renamed = mapOf({ review: 'implement' })
    expect(renamed.nameOf('0', 'Überprüfung')).toBe('implement')
    expect(renamed.nameOf('12', 'Review')).toBe('implement')
    expect(renamed.statesOf('review')).toEqual([])
  })

  it('is understood in what people write', () => {
    expect(['DRAFT', '10', 'review', '-1', 'cancelled', '3'].map(map.parse)).toEqual([
      'new',
      'review',
      'review',
      'implement',
      'canceled',
      'canceled'
    ])
    expect(map.parse('verify')).toBeUndefined()
  })
})

describe('the states that count as a name', () => {
  it('are the mapped ones, then the shipped one', () => {
    const map = mapOf({ Draft: 'new', 10: 'review', Verify: 'review', 'Closed Complete': 'closed' })
    expect(map.statesOf('new')).toEqual([{ label: 'Draft' }, { value: '-5' }])
    expect(map.statesOf('review')).toEqual([{ value: '10' }, { label: 'Verify' }, { value: '0' }])
    expect(map.statesOf('closed')).toEqual([{ label: 'Closed Complete' }, { value: '3' }])
    expect(map.statesOf('implement')).toEqual([{ value: '-1' }])
  })

  it('do not hold a shipped one twice, nor one that counts as another', () => {
    expect(mapOf({ '-2': 'scheduled', 5: 'scheduled' }).statesOf('scheduled')).toHaveLength(2)
    expect(mapOf({ 3: 'implement', 4: 'closed' }).statesOf('closed')).toEqual([{ value: '4' }])
    expect(mapOf({ 3: 'implement', 4: 'closed' }).statesOf('canceled')).toEqual([])
  })
})

describe('a map', () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [
      { draft: 'nwe' },
      /^maps `draft` to `nwe`, which is no name of a state: it takes new, assess, .*, canceled$/
    ],
    [{ draft: 1 }, /^maps `draft` to `1`/],
    [{ draft: null }, /^has no name for the state `draft`/],
    [{ draft: ['new'] }, /^has no name for the state `draft`/],
    [{ draft: 'new', 'Draft ': 'review' }, /two meanings: `draft` is new, `Draft` is review$/],
    [{ '1': 'new', '1.0': 'implement' }, /two meanings: `1` is new, `1.0` is implement$/],
    [{ Scheduled: 'review', '-2': 'scheduled' }, /two meanings/],
    [{ ' ': 'new' }, /^has an entry without a state/],
    [{}, /^is an empty map/]
  ])('%j is refused', (given, problem) => {
    expect(problemsOf(given)).toEqual([expect.stringMatching(problem)])
  })

  it('may say the same thing twice, and names a state as people write it', () => {
    const read = readStateEntries(Object.entries({ draft: ' NEW ', Draft: '-5', 2: 'cancelled' }))
    expect(read).toEqual({
      entries: [
        { state: '2', name: 'canceled' },
        { state: 'draft', name: 'new' }
      ]
    })
  })
})
