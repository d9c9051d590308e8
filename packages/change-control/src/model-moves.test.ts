import { describe, expect, it } from '@jest/globals'
import { type KnownStates, stepBy } from './model-moves.ts'
import type { StateName } from './states.ts'

type Listed = readonly [value: string, name: StateName | undefined, available?: boolean]

const known = (kind: KnownStates['kind'], ...listed: Listed[]): KnownStates => ({
  kind,
  states: listed.map(([value, name, available = true]) => ({ value, label: value, name, available }))
})
const moves = (...listed: Listed[]) => known('moves', ...listed)
const step = (
  [value, name]: Listed,
  next: StateName,
  instance: KnownStates,
  { rest = [], tried = [] }: { rest?: StateName[]; tried?: string[] } = {}
) => stepBy({ kind: 'move', next, rest }, { name, value, tried: new Set(tried) }, instance)

const DRAFT: Listed = ['-6', 'new']
const NEW: Listed = ['-5', 'new']

describe('the next move of a change on its instance', () => {
  it('is the planned one, by whatever value counts as it, one that is available before others', () => {
    expect(step(NEW, 'assess', moves(['-4', 'assess'], ['4', 'canceled']))).toEqual({
      next: 'assess',
      value: '-4'
    })
    const reviews = moves(['0', 'review', false], ['10', 'review'])
    expect(step(['-1', 'implement'], 'review', reviews)).toEqual({ next: 'review', value: '10' })
    expect(step(NEW, 'assess', moves(['-4', 'assess', false]))).toEqual({ next: 'assess', value: '-4' })
  })

  it('stays within the name where the planned one has no move from here', () => {
    expect(step(DRAFT, 'assess', moves(['-5', 'new'], ['4', 'canceled']))).toEqual({
      next: 'new',
      value: '-5'
    })
    expect(step(['10', 'review'], 'closed', moves(['0', 'review']))).toEqual({ next: 'review', value: '0' })
  })

  it('never goes back to where it was, nor aside because a condition is not met', () => {
    expect(step(NEW, 'assess', moves(['-6', 'new']), { tried: ['-6'] })).toBeUndefined()
    expect(
      step(NEW, 'assess', moves(['-6', 'new'], ['-4', 'assess', false]), { tried: ['-4'] })
    ).toBeUndefined()
    const all = known('states', ['-6', 'new'], ['-5', 'new'], ['-4', 'assess'])
    expect(step(NEW, 'assess', all, { tried: ['-4'] })).toBeUndefined()
    expect(step(DRAFT, 'assess', all, { tried: ['-4'] })).toEqual({ next: 'new', value: '-5' })
  })

  it('is to Authorize where there is no Assess, and to Closed where there is no Review', () => {
    expect(step(NEW, 'assess', moves(['-3', 'authorize'], ['-2', 'scheduled']))).toMatchObject({
      value: '-3'
    })
    const implement: Listed = ['-1', 'implement']
    expect(step(implement, 'review', moves(['3', 'closed']), { rest: ['closed'] })).toMatchObject({
      value: '3'
    })
    expect(step(implement, 'review', moves(['3', 'closed']))).toBeUndefined()
  })

  it('never passes over an approval, whatever the instance has', () => {
    const everything = moves(['-2', 'scheduled'], ['-1', 'implement'], ['3', 'closed'], ['7', undefined])
    expect(step(NEW, 'assess', everything, { rest: ['implement'] })).toBeUndefined()
    expect(step(NEW, 'authorize', moves(['-4', 'assess'], ['-2', 'scheduled']))).toBeUndefined()
    expect(step(NEW, 'assess', moves(['-2', 'new'], ['-1', 'new']))).toBeUndefined()
    const rest: StateName[] = ['review', 'closed']
    expect(
      step(['-2', 'scheduled'], 'implement', moves(['0', 'review'], ['3', 'closed']), { rest })
    ).toBeUndefined()
  })
})
