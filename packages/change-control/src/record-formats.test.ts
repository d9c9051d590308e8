import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  bindingText,
  formatBinding,
  formatClaim,
  formatCorrelationId,
  formatJobStory,
  formatJobVariable,
  formatLostClaim,
  formatNoteMarker,
  formatNothingSaved,
  formatPreviewMark,
  formatSavedState,
  isCommitOf,
  isCorrelationId,
  JOB_VARIABLES,
  parseBinding,
  parseClaims,
  parseJobStory,
  parseJobVariable,
  parsePreviewMark,
  parseSavedState,
  RECORD_VERSIONS,
  type RecordedClaim,
  SAVED_STATE,
  withoutMarkers
} from './index.ts'

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const digits = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength })

const DIGEST = '0123456789abcdef'.repeat(4)
const COMMIT = '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f'
const SCOPE = 'fedcba9876543210.fedcba98'
const OLD_SCOPE = 'fedcba987654'

it('every record has the version that it is written in', () => {
  expect(RECORD_VERSIONS).toEqual({
    correlationId: 1,
    binding: 2,
    claim: 2,
    noteMarker: 1,
    mark: 2,
    jobVariables: 1,
    jobStory: 1,
    previewMarker: 1,
    savedState: 3
  })
})

describe('a correlation id', () => {
  it('is gha- and the digest, and safe in a query', () => {
    expect(formatCorrelationId(DIGEST)).toBe(`gha-${DIGEST}`)
    expect(isCorrelationId(formatCorrelationId(DIGEST))).toBe(true)
  })

  it('holds nothing that a query could be ended with', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        if (isCorrelationId(text)) expect(text).toMatch(/^[\w.:/-]{1,100}$/)
      })
    )
    for (const text of ['a^ORDERBYstate', 'a=b', 'a,b', 'a\nb', 'a b', 'javascript:gs.x()'])
      expect(isCorrelationId(text)).toBe(false)
  })
})

describe('a binding', () => {
  const binding = { commit: COMMIT, runId: '1001', scope: SCOPE }

  it('is one line of the commit, the run and the scope', () => {
    expect(formatBinding(binding)).toBe(`gha2 ${COMMIT} 1001 ${SCOPE}`)
    expect(formatBinding({ ...binding, commit: COMMIT.toUpperCase() })).toBe(formatBinding(binding))
    expect(formatBinding({ ...binding, commit: `${COMMIT}${'0'.repeat(24)}` })).toBe(formatBinding(binding))
  })

  it('reads back', () => {
    fc.assert(
      fc.property(hex(64), digits(15), hex(16), hex(8), hex(12), (commit, runId, of, to, hmac) => {
        const scope = `${of}.${to}`
        const plain = formatBinding({ commit, runId, scope })
        const bound = { version: 2, commit: commit.slice(0, 40), runId, scope }
        expect(parseBinding(plain)).toEqual(bound)
        const line = formatBinding({ commit, runId, scope }, () => hmac)
        expect(parseBinding(line)).toEqual({ ...bound, hmac })
        expect(bindingText(line)).toBe(plain)
        expect(line.length).toBeLessThanOrEqual(100)
      })
    )
  })

  it.each([
    { commit: '' },
    { commit: '65dbbeda5ade' },
    { commit: 'refs/heads/main' },
    { runId: '' },
    { runId: '1'.repeat(16) },
    { runId: '1 2' },
    { runId: '1\n' },
    { scope: 'short' }
  ])('is not written with %j', wrong => {
    expect(() => formatBinding({ ...binding, ...wrong })).toThrow(RangeError)
  })

  it('of the first release is read', () => {
    expect(parseBinding(`gha 65dbbeda5ade 1001 ${OLD_SCOPE}`)).toEqual({
      version: 1,
      commit: '65dbbeda5ade',
      runId: '1001',
      scope: OLD_SCOPE
    })
  })

  it('names a commit by the digits that it has', () => {
    const other = `${COMMIT.slice(0, 12)}${'0'.repeat(28)}`
    expect(isCommitOf({ commit: COMMIT }, COMMIT.toUpperCase())).toBe(true)
    expect(isCommitOf({ commit: COMMIT }, other)).toBe(false)
    expect(isCommitOf({ commit: COMMIT.slice(0, 12) }, other)).toBe(true)
  })

  it.each([
    '',
    'gha',
    `gha2 ${COMMIT} 1001 ${SCOPE} `,
    ` gha2 ${COMMIT} 1001 ${SCOPE}`,
    `gha2 ${COMMIT} 1001 ${SCOPE}\n`,
    `gha2 ${COMMIT.toUpperCase()} 1001 ${SCOPE}`,
    `gha2 ${COMMIT}  1001 ${SCOPE}`,
    `gha2 ${COMMIT} 1001 ${SCOPE} 1`,
    `gha2 65dbbeda5ade 1001 ${SCOPE}`,
    `gha2 ${COMMIT} 1001 ${OLD_SCOPE}`,
    `gha 65dbbeda5ade 1001 ${SCOPE}`,
    `gha 65dbbeda5ade 1001 ${OLD_SCOPE} `,
    `gha 65DBBEDA5ADE 1001 ${OLD_SCOPE}`,
    `gha 65dbbeda5ade ${'1'.repeat(21)} ${OLD_SCOPE}`,
    'Jenkins #12'
  ])('is not read from %j', text => {
    expect(parseBinding(text)).toBeUndefined()
  })
})

describe('a note marker', () => {
  it('is gha and the first 12 hex digits in brackets', () => {
    expect(formatNoteMarker(DIGEST)).toBe('[gha 0123456789ab]')
  })

  it('is no claim', () => {
    fc.assert(fc.property(hex(64), digest => expect(parseClaims(formatNoteMarker(digest))).toEqual([])))
  })
})

describe('a claim', () => {
  const claim: RecordedClaim = { generation: 2, runId: '1001', attempt: '3', scope: SCOPE }
  const anyClaim: fc.Arbitrary<RecordedClaim> = fc.record({
    generation: fc.integer({ min: 0, max: 999_999 }),
    runId: digits(20),
    attempt: digits(6),
    scope: fc.tuple(hex(16), hex(8)).map(parts => parts.join('.'))
  })

  it('is one line of generation, run, attempt and scope', () => {
    expect(formatClaim(claim)).toBe(`[gha2 claim 2 1001 3 ${SCOPE}]`)
    expect(formatLostClaim(claim)).toBe(`[gha2 claim-lost 2 1001 3 ${SCOPE}]`)
  })

  it('is not written where no reader would find it again', () => {
    for (const odd of [{ runId: 'build-7' }, { attempt: '' }, { scope: 'short' }, { generation: -1 }])
      expect(() => formatClaim({ generation: 1, runId: '1001', attempt: '3', scope: SCOPE, ...odd })).toThrow(
        RangeError
      )
  })

  it('reads back from a journal, in the order in which it stands there', () => {
    fc.assert(
      fc.property(fc.array(anyClaim), fc.string(), (claims, text) => {
        const other = withoutMarkers(text)
        const journal = claims.map(one => `${other}\n${formatClaim(one)}\n`).join('\n')
        expect(parseClaims(journal)).toEqual(claims)
      })
    )
  })

  it('of the first release is read, and does not count where there is a key', () => {
    const old = `[gha claim 2 1001 3 ${OLD_SCOPE}]`
    expect(parseClaims(old)).toEqual([{ ...claim, scope: OLD_SCOPE }])
    expect(parseClaims(old, { key: 'k', sysId: 's' })).toEqual([])
  })

  it('with a signature counts where it was made with the key', () => {
    const signature = { key: 'k', sysId: 's' }
    const text = formatClaim(claim, signature)
    expect(parseClaims(text)).toEqual([claim])
    expect(parseClaims(text, signature)).toEqual([claim])
    for (const other of [
      { ...signature, key: 'x' },
      { ...signature, sysId: 'x' }
    ])
      expect(parseClaims(text, other)).toEqual([])
    expect(parseClaims(formatClaim(claim), signature)).toEqual([])
  })

  it('that was made in vain is none', () => {
    fc.assert(fc.property(anyClaim, one => expect(parseClaims(formatLostClaim(one))).toEqual([])))
  })

  it.each([
    '',
    `[gha2 claim 2 1001 ${SCOPE}]`,
    `[gha2 claim 2 1001 3 ${SCOPE}`,
    `[gha2 claim -2 1001 3 ${SCOPE}]`,
    `[gha2 claim 2  1001 3 ${SCOPE}]`,
    `[gha2 claim 1000000 1001 3 ${SCOPE}]`,
    `[gha2 claim 2 ${'1'.repeat(21)} 3 ${SCOPE}]`,
    `[gha2 claim 2 1001 3 ${SCOPE.toUpperCase()}]`,
    `[gha2 claim 2 1001\n3 ${SCOPE}]`,
    `[GHA2 claim 2 1001 3 ${SCOPE}]`,
    `[gha2 claim 2 1001 3 ${OLD_SCOPE}]`,
    `[gha claim 2 1001 3 ${SCOPE}]`
  ])('is not read from %j', text => {
    expect(parseClaims(text)).toEqual([])
  })
})

describe('untrusted text', () => {
  it('stays readable without markers', () => {
    expect(withoutMarkers('see [gha 0123456789ab] and [GHA claim]')).toBe(
      'see (gha 0123456789ab] and (GHA claim]'
    )
    expect(withoutMarkers('[1] [ gha] [gh] gha')).toBe('[1] [ gha] [gh] gha')
    expect(withoutMarkers('[gha2 bound x] [\u200bg\u0000ha2 used x]')).not.toMatch(/\[.?g/)
  })

  it('forms no marker, whatever it holds and whatever it is put between', () => {
    const part = fc.oneof(
      fc.constantFrom('[', '[gha', '[GHA', '[gHa ', 'gha ', 'claim ', `1 2 3 ${SCOPE}]`, ']', '\n', '(gha'),
      fc.string({ maxLength: 3 })
    )
    fc.assert(
      fc.property(fc.array(part), parts => {
        const text = withoutMarkers(parts.join(''))
        expect(text).not.toMatch(/\[gha/i)
        expect(parseClaims(text)).toEqual([])
        expect(withoutMarkers(text)).toBe(text)
      }),
      { numRuns: 1000 }
    )
  })

  it('keeps its length, so that a cut before counts as one after', () => {
    fc.assert(fc.property(fc.string(), text => expect(withoutMarkers(text)).toHaveLength(text.length)))
  })
})

describe('job variables', () => {
  it('have names and the changes of the job, oldest first', () => {
    expect(JOB_VARIABLES).toEqual({
      sysIds: 'SERVICENOW_CHANGE_SYS_ID',
      numbers: 'SERVICENOW_CHANGE_NUMBER'
    })
    expect(formatJobVariable(['CHG1', 'CHG2'])).toBe('CHG1,CHG2')
    expect(formatJobVariable([])).toBe('')
  })

  it('read back', () => {
    const values = fc.array(fc.stringMatching(/^[A-Za-z0-9]{1,32}$/))
    fc.assert(fc.property(values, all => expect(parseJobVariable(formatJobVariable(all))).toEqual(all)))
  })

  it.each([
    [undefined, []],
    ['', []],
    [' , ,', []],
    [' CHG1 ,\nCHG2', ['CHG1', 'CHG2']]
  ])('hold no change for an empty item: %j', (text, values) => {
    expect(parseJobVariable(text)).toEqual(values)
  })
})

describe('job story', () => {
  const STORY = {
    instance: 'https://acme.service-now.com',
    sysId: 'ab',
    states: [['new', 1]] as const,
    evidence: ['unit.xml']
  }
  const TEXT =
    '{"version":1,"instance":"https://acme.service-now.com","sysId":"ab","states":[["new",1]],"evidence":["unit.xml"]}'

  it('is JSON with its version, and reads back', () => {
    expect(formatJobStory(STORY)).toBe(TEXT)
    expect(parseJobStory(TEXT)).toEqual(STORY)
  })

  it.each([
    ['"version":1', '"version":2'],
    ['["new",1]', '["new",1e300]'],
    ['["new",1]', '["new",-1]'],
    ['["new",1]', '["new"]'],
    ['["new",1]', '[1,1]'],
    ['"unit.xml"', '1'],
    ['"ab"', 'null'],
    ['{', '[']
  ])('is none with %s as %s', (from, to) => expect(parseJobStory(TEXT.replace(from, to))).toBeUndefined())
})

describe('saved state', () => {
  const CHANGE = { sysId: 'x', times: [['new', 1]] }
  const CONNECTION = { salt: 'ab', hashes: { token: 'cd' }, trust: 'ef', environmentInstance: '' }

  it('is JSON with its version', () => {
    expect(SAVED_STATE).toBe('gate')
    expect(formatSavedState({ inputs: { onSuccess: 'close' }, change: CHANGE, connection: CONNECTION })).toBe(
      '{"version":3,"inputs":{"onSuccess":"close"},"change":{"sysId":"x","times":[["new",1]]},"connection":{"salt":"ab","hashes":{"token":"cd"},"trust":"ef","environmentInstance":""}}'
    )
    expect(formatNothingSaved()).toBe('{"version":3}')
  })

  it('reads back', () => {
    const values = fc
      .dictionary(fc.string(), fc.jsonValue())
      .map(all => JSON.parse(JSON.stringify(all)) as Record<string, unknown>)
    const texts = fc.dictionary(fc.string(), fc.string()).map(all => ({ ...CONNECTION, hashes: all }))
    fc.assert(
      fc.property(values, values, texts, (inputs, change, connection) => {
        const state = { inputs, change, connection: JSON.parse(JSON.stringify(connection)) }
        expect(parseSavedState(formatSavedState(state))).toEqual({ kind: 'gate', ...state })
      })
    )
    expect(parseSavedState(formatNothingSaved())).toEqual({ kind: 'nothing' })
  })

  it('of version 1 is the change alone', () => {
    expect(parseSavedState(JSON.stringify(CHANGE))).toEqual({ kind: 'earlier', version: 1, change: CHANGE })
  })

  it('of version 2 has inputs that nothing proves', () => {
    const text = JSON.stringify({ version: 2, inputs: { instance: 'https://evil.example' }, change: CHANGE })
    expect(parseSavedState(text)).toEqual({ kind: 'earlier', version: 2, change: CHANGE })
  })

  it('is none where there is no text', () => {
    expect(parseSavedState('')).toEqual({ kind: 'nothing' })
  })

  it('is never longer than the runner can hand over', () => {
    const long = { inputs: { maySkip: 'x'.repeat(33_000) }, change: CHANGE, connection: CONNECTION }
    expect(() => formatSavedState(long)).toThrow(RangeError)
  })

  it.each([
    '{}',
    'null',
    '2',
    '[]',
    '"x"',
    '{"version":2',
    '{"sysId":1}',
    '{"version":1,"sysId":"x"}',
    '{"version":2}',
    '{"version":4}',
    '{"version":"3"}',
    '{"version":3,"sysId":"x"}',
    '{"version":3,"inputs":{},"change":{}}',
    '{"version":3,"inputs":{},"connection":{}}',
    '{"version":3,"inputs":{},"change":{},"connection":{"salt":"","trust":"","environmentInstance":""}}',
    '{"version":3,"inputs":{},"change":{},"connection":{"salt":"","trust":"","environmentInstance":"","hashes":{"a":1}}}',
    '{"version":2,"change":{}}',
    '{"version":2,"inputs":{}}',
    '{"version":2,"inputs":[],"change":{}}',
    '{"version":2,"inputs":{},"change":null}'
  ])('is of an unknown form: %j', text => {
    expect(() => parseSavedState(text)).toThrow(TypeError)
  })
})

describe('preview marker, version 1', () => {
  const MARK = { key: '0f3b5c7d9e1a2b4c', runId: 19283746501, attempt: 2 }
  const LINE = '<!-- servicenow-change-preview 1 0f3b5c7d9e1a2b4c 19283746501 2 -->'

  it('is the first line of a comment', () => {
    expect(formatPreviewMark(MARK)).toBe(LINE)
    for (const rest of ['', '\nText', '\r\nText']) expect(parsePreviewMark(`${LINE}${rest}`)).toEqual(MARK)
  })

  it.each([
    ` ${LINE}`,
    `Text\n${LINE}`,
    `> ${LINE}`,
    `${LINE} and more`,
    LINE.replace(' 1 ', ' 2 '),
    LINE.replace('0f3b', '0F3B'),
    LINE.replace('19283746501', '1928374650112345'),
    ''
  ])('is not %j', body => {
    expect(parsePreviewMark(body)).toBeUndefined()
  })
})
