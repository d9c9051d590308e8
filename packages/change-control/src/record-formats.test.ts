import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  type Binding,
  formatBinding,
  formatClaim,
  formatCorrelationId,
  formatFingerprint,
  formatJobVariable,
  formatLostClaim,
  formatNoteMarker,
  formatSavedState,
  isCorrelationId,
  JOB_VARIABLES,
  parseBinding,
  parseClaims,
  parseFingerprints,
  parseJobVariable,
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
const SCOPE = 'fedcba987654'

it('every record has the version that it is written in', () => {
  expect(RECORD_VERSIONS).toEqual({
    correlationId: 1,
    binding: 1,
    claim: 1,
    noteMarker: 1,
    fingerprint: 1,
    jobVariables: 1,
    savedState: 2
  })
})

describe('a fingerprint', () => {
  const hash = fc.option(
    hex(32).filter(text => text.length === 32),
    { nil: undefined }
  )
  const time = fc.option(
    fc.integer({ min: 0, max: 4_102_444_800 }).map(s => s * 1_000),
    { nil: undefined }
  )
  const fingerprint = fc.record({
    hashes: fc.array(hash, { minLength: 7, maxLength: 7 }),
    plannedStart: time,
    plannedEnd: time
  })

  it('is read as it was written, in whatever stands around it', () => {
    fc.assert(
      fc.property(fc.array(fingerprint, { maxLength: 3 }), fc.string(), (all, between) => {
        const journal = all.map(formatFingerprint).join(`\n${between}\n`)
        expect(parseFingerprints(journal)).toEqual(all)
      })
    )
  })

  it('is in this form for good', () => {
    const hashes = ['a'.repeat(32), ...Array<undefined>(6)]
    const text = formatFingerprint({ hashes, plannedStart: Date.UTC(2026, 11, 1, 22, 0, 5) })
    expect(text).toBe(`[gha fields ${'a'.repeat(32)} - - - - - - 20261201220005 -]`)
    expect(withoutMarkers(text)).not.toMatch(/\[gha/)
    expect(parseFingerprints(withoutMarkers(text))).toEqual([])
  })

  it('has a hash for each field', () => {
    expect(() => formatFingerprint({ hashes: ['a'.repeat(32)] })).toThrow(RangeError)
    expect(() => formatFingerprint({ hashes: Array(7).fill('xyz') })).toThrow(RangeError)
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
  const binding: Binding = { commit: COMMIT, runId: '1001', scope: SCOPE }

  it('is one line of the short commit, the run and the scope', () => {
    expect(formatBinding(binding)).toBe(`gha 65dbbeda5ade 1001 ${SCOPE}`)
    expect(formatBinding({ ...binding, commit: COMMIT.toUpperCase() })).toBe(formatBinding(binding))
    expect(formatBinding({ ...binding, commit: '65dbbeda5ade' })).toBe(formatBinding(binding))
  })

  it('reads back', () => {
    fc.assert(
      fc.property(hex(40), digits(20), hex(12), (commit, runId, scope) => {
        const line = formatBinding({ commit, runId, scope })
        expect(parseBinding(line)).toEqual({ commit: commit.slice(0, 12), runId, scope })
        expect(line.length).toBeLessThanOrEqual(100)
      })
    )
  })

  it.each([
    { commit: '' },
    { commit: '65dbbeda5ad' },
    { commit: 'refs/heads/main' },
    { runId: '' },
    { runId: '1'.repeat(21) },
    { runId: '1 2' },
    { runId: '1\n' },
    { scope: 'short' }
  ])('is not written with %j', wrong => {
    expect(() => formatBinding({ ...binding, ...wrong })).toThrow(RangeError)
  })

  it.each([
    '',
    'gha',
    `gha 65dbbeda5ade 1001 ${SCOPE} `,
    ` gha 65dbbeda5ade 1001 ${SCOPE}`,
    `gha 65dbbeda5ade 1001 ${SCOPE}\n`,
    `gha 65DBBEDA5ADE 1001 ${SCOPE}`,
    `gha 65dbbeda5ade  1001 ${SCOPE}`,
    `gha 65dbbeda5ade 1001 ${SCOPE} 1`,
    `gha2 65dbbeda5ade 1001 ${SCOPE}`,
    `gha 65dbbeda5ade ${'1'.repeat(21)} ${SCOPE}`,
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
    scope: hex(12)
  })

  it('is one line of generation, run, attempt and scope', () => {
    expect(formatClaim(claim)).toBe(`[gha claim 2 1001 3 ${SCOPE}]`)
    expect(formatLostClaim(claim)).toBe(`[gha claim-lost 2 1001 3 ${SCOPE}]`)
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

  it('that was made in vain is none', () => {
    fc.assert(fc.property(anyClaim, one => expect(parseClaims(formatLostClaim(one))).toEqual([])))
  })

  it.each([
    '',
    `[gha claim 2 1001 ${SCOPE}]`,
    `[gha claim 2 1001 3 ${SCOPE}`,
    `[gha claim -2 1001 3 ${SCOPE}]`,
    `[gha claim 2  1001 3 ${SCOPE}]`,
    `[gha claim 1000000 1001 3 ${SCOPE}]`,
    `[gha claim 2 ${'1'.repeat(21)} 3 ${SCOPE}]`,
    `[gha claim 2 1001 3 ${SCOPE.toUpperCase()}]`,
    `[gha claim 2 1001\n3 ${SCOPE}]`,
    `[GHA claim 2 1001 3 ${SCOPE}]`
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

describe('saved state', () => {
  const CHANGE = { sysId: 'x', times: [['new', 1]] }

  it('is JSON with its version', () => {
    expect(SAVED_STATE).toBe('gate')
    expect(formatSavedState({ inputs: { onSuccess: 'close' }, change: CHANGE })).toBe(
      '{"version":2,"inputs":{"onSuccess":"close"},"change":{"sysId":"x","times":[["new",1]]}}'
    )
  })

  it('reads back', () => {
    const values = fc
      .dictionary(fc.string(), fc.jsonValue())
      .map(all => JSON.parse(JSON.stringify(all)) as Record<string, unknown>)
    fc.assert(
      fc.property(values, values, (inputs, change) => {
        expect(parseSavedState(formatSavedState({ inputs, change }))).toEqual({ version: 2, inputs, change })
      })
    )
  })

  it('of version 1 is the change alone', () => {
    expect(parseSavedState(JSON.stringify(CHANGE))).toEqual({ version: 1, change: CHANGE })
  })

  it('is none where there is no text', () => {
    expect(parseSavedState('')).toBeUndefined()
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
    '{"version":3,"inputs":{},"change":{}}',
    '{"version":"2","inputs":{},"change":{}}',
    '{"version":2,"change":{}}',
    '{"version":2,"inputs":{}}',
    '{"version":2,"inputs":[],"change":{}}',
    '{"version":2,"inputs":{},"change":null}'
  ])('is of an unknown form: %j', text => {
    expect(() => parseSavedState(text)).toThrow(TypeError)
  })
})
