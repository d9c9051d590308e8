import { describe, expect, it } from '@jest/globals'
import {
  bindingHmac,
  bindingOf,
  bindingOn,
  boundAs,
  formatMark,
  isInScope,
  isSignedMark,
  oldScope,
  parseMarks,
  type Scope
} from './index.ts'

const COMMIT = '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f'
const PLACE = { serverUrl: 'https://github.com', repository: 'acme/shop', environment: 'production' }
const INSTANCE = 'https://acme.service-now.com'
const scope: Scope = { ...PLACE, instance: INSTANCE }
const KEY = 'a key of the organisation'

const changeBound = (correlationDisplay: string, correlationId = 'gha-1') => ({
  correlationDisplay,
  correlationId
})

const line = (more: Partial<typeof PLACE> = {}) =>
  bindingOf({ commit: COMMIT, runId: '1001', ...PLACE, ...more })

const signed = (more: { key?: string; correlationId?: string; instance?: string } = {}) => {
  const signature = { key: KEY, correlationId: 'gha-1', instance: INSTANCE, ...more }
  return bindingOf({ commit: COMMIT, runId: '1001', ...PLACE }, text => bindingHmac(text, signature))
}

describe('the scope of a binding', () => {
  it.each<[string, Partial<typeof PLACE>, 'ours' | 'foreign']>([
    ['the same', {}, 'ours'],
    ['the environment in other letters, with blanks', { environment: ' Production ' }, 'ours'],
    ['a change without an environment, which serves any one', { environment: '' }, 'ours'],
    ['the repository in other letters', { repository: 'Acme/Shop' }, 'ours'],
    ['another environment', { environment: 'staging' }, 'foreign'],
    ['another repository', { repository: 'acme/other' }, 'foreign'],
    ['another repository without an environment', { repository: 'a/b', environment: '' }, 'foreign'],
    ['another server', { serverUrl: 'https://ghe.example' }, 'foreign']
  ])('%s', (_, more, expected) => {
    expect(boundAs(changeBound(line(more)), scope)).toBe(expected)
  })

  it('is compared by the repository alone where a step names no environment', () => {
    const anywhere = { ...scope, environment: '' }
    expect(boundAs(changeBound(line()), anywhere)).toBe('ours')
    expect(boundAs(changeBound(line({ repository: 'acme/other' })), anywhere)).toBe('foreign')
  })

  it('of the first release is compared as far as it goes', () => {
    expect(isInScope(oldScope(PLACE), PLACE)).toBe(true)
    expect(isInScope(oldScope({ ...PLACE, environment: '' }), PLACE)).toBe(true)
    expect(isInScope(oldScope({ ...PLACE, environment: 'staging' }), PLACE)).toBe(false)
    // It does not show its repository by itself.
    expect(isInScope(oldScope(PLACE), { ...PLACE, environment: '' })).toBe(false)
  })

  it('is none where the field is empty or holds the text of another tool', () => {
    for (const text of ['', 'JIRA-1']) expect(boundAs(changeBound(text), scope)).toBe('none')
  })
})

describe('with a key', () => {
  const keyed = { ...scope, key: KEY }

  it('a binding counts that was signed with it, for this change on this instance', () => {
    expect(signed().length).toBeLessThanOrEqual(100)
    expect(boundAs(changeBound(signed()), keyed)).toBe('ours')
    expect(bindingOn(changeBound(signed()), keyed)).toMatchObject({ commit: COMMIT, runId: '1001' })
    for (const other of [
      line(),
      signed({ key: 'another' }),
      signed({ correlationId: 'gha-2' }),
      signed({ instance: 'https://other.service-now.com' }),
      `gha 65dbbeda5ade 1001 ${oldScope(PLACE)}`
    ])
      expect(boundAs(changeBound(other), keyed)).toBe('foreign')
  })

  it('a signed binding is read by a step without the key', () => {
    expect(boundAs(changeBound(signed()), scope)).toBe('ours')
  })

  it('a marker counts on the change that it was signed for', () => {
    const here = { key: KEY, sysId: 'a'.repeat(32) }
    const [mark] = parseMarks(`text ${formatMark('bound', 'x 1', here)}`, 'bound')
    if (mark === undefined) throw new Error('no marker')
    expect(isSignedMark(mark, here)).toBe(true)
    expect(isSignedMark(mark, { ...here, sysId: 'b'.repeat(32) })).toBe(false)
    expect(isSignedMark(mark, { ...here, key: 'other' })).toBe(false)
    expect(isSignedMark({ kind: mark.kind, body: mark.body }, here)).toBe(false)
    expect(isSignedMark({ ...mark, body: 'x 2' }, here)).toBe(false)
    expect(isSignedMark({ ...mark, kind: 'used' }, here)).toBe(false)
  })
})
