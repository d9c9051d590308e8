/** Reports that are made to take long: read in chunks, in linear time, and not counted beyond the limits. */
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { describeEvidence } from './describe.ts'
import type { Shape } from './json-documents.ts'
import { MAX_ATTRIBUTES, MAX_DEPTH, MAX_INVALID, MAX_VALUES } from './limits.ts'
import { readJson } from './read-json.ts'
import { configuredLevels } from './sarif-levels.ts'

const CHUNK = 64 * 1024

/** In chunks, each of which comes when the process has time, as from a file. */
async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += CHUNK) {
    await setImmediate()
    yield bytes.subarray(from, from + CHUNK)
  }
}

const bytesOf = (text: string): Readable => Readable.from(chunksOf(Buffer.from(text)))

async function about(text: string): Promise<string | undefined> {
  return (await describeEvidence({ path: 'report', size: text.length, open: () => bytesOf(text) }))?.text
}

const sarif = (run: object) => JSON.stringify({ version: '2.1.0', runs: [run] })

/** What a test of a limit may take on a busy machine: it has as many values as the limit. */
const PATIENT_MS = 60_000

describe('a SARIF log', () => {
  it('looks at each rule and override once, however many results there are', () => {
    let looks = 0
    const counted = (fields: object, key: string, value: unknown) =>
      Object.defineProperty(fields, key, {
        get() {
          looks += 1
          return value
        }
      })
    const many = 500
    const all = Array.from({ length: many }, (_, n) => n)
    const rules = all.map(n => counted({ defaultConfiguration: { level: 'note' } }, 'id', `r${n}`))
    const ruleConfigurationOverrides = all.map(n =>
      counted({ configuration: { level: 'error' } }, 'descriptor', { id: `s${n}` })
    )
    const levelOf = configuredLevels({
      tool: { driver: { rules } },
      invocations: [{ ruleConfigurationOverrides }]
    })
    for (const n of all) expect(levelOf({ ruleId: `r${n}` })).toBe('note')
    for (const n of all) expect(levelOf({ ruleId: `s${n}` })).toBe('error')
    expect(looks).toBe(2 * many)
  })

  it('takes the first of several rules and overrides of a name', async () => {
    const level = (name: string) => ({ level: name })
    const rules = [
      { id: 'a', defaultConfiguration: level('note') },
      { id: 'a', defaultConfiguration: level('error') }
    ]
    const overrides = [
      { descriptor: { index: 1 }, configuration: level('error') },
      { descriptor: { id: 'b' }, configuration: level('note') }
    ]
    const results = [{ ruleId: 'a' }, { ruleId: 'b', ruleIndex: 1 }, { ruleId: 'constructor' }, {}]
    const run = {
      tool: { driver: { rules } },
      invocations: [{ ruleConfigurationOverrides: overrides }],
      results
    }
    expect(await about(sarif(run))).toBe('SARIF: 1 error, 2 warnings, 1 note')
  })

  it(
    'is not counted when it has more values than fit',
    async () => {
      const results = '{},'.repeat(MAX_VALUES)
      expect(await about(`{"version":"2.1.0","runs":[{"results":[${results}{}]}]}`)).toBe(
        `not counted (over ${MAX_VALUES} values)`
      )
    },
    PATIENT_MS
  )

  it('is not counted when it gives its results twice', async () => {
    const text = '{"version":"2.1.0","runs":[{"results":[{"level":"error"}],"results":[]}]}'
    expect(await about(text)).toBe('not counted (cut or malformed)')
  })
})

describe('JSON', () => {
  it.each(['[', '{"components":[', '{"sbom":', '{"a":'])(
    'that opens %s without end is not counted',
    async open => {
      expect(await about(open.repeat(MAX_DEPTH / 2))).toBe('not counted (cut or malformed)')
      expect(await about(open.repeat(2 * MAX_DEPTH))).toBe('not counted (nested too deeply)')
    }
  )

  it('has no key that is more than a key', async () => {
    const text = '{"__proto__":{"version":"2.1.0"},"constructor":1,"runs":[{"results":[]}]}'
    expect(await about(text)).toBe('not counted')
    const rules = '{"__proto__":{"defaultLevel":"error"},"toString":{"defaultLevel":"note"}}'
    const results = '[{"ruleId":"__proto__"},{"ruleId":"toString"},{"ruleId":"valueOf"}]'
    expect(await about(`{"version":"1.0.0","runs":[{"rules":${rules},"results":${results}}]}`)).toBe(
      'SARIF: 1 error, 1 warning, 1 note'
    )
  })

  it('counts components inside each other up to the limit', async () => {
    const [depth, last] = [MAX_DEPTH / 2 - 2, '{}']
    const text = `${'{"components":['.repeat(depth)}${last}${']}'.repeat(depth)}`
    expect(await about(`{"bomFormat":"CycloneDX",${text.slice(1)}`)).toBe(
      `CycloneDX: ${depth} components, 0 licences`
    )
  })

  it('names few of many documents, and little of a long text', async () => {
    const statement = (name: string) =>
      JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', predicateType: name, subject: [{ name }] })
    const lines = Array.from({ length: 50 }, (_, n) => statement(String(n)))
    const text = await about(lines.join('\n'))
    expect(text).toContain('; and 40 more')
    expect((await about(statement('x'.repeat(100_000))))?.length).toBeLessThan(600)
  })

  it('reads an envelope whatever breaks its base64 has', async () => {
    const subject = Array.from({ length: 20_000 }, (_, n) => ({ name: `é${n}` }))
    const statement = JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject })
    const payload = Buffer.from(statement)
      .toString('base64')
      .replace(/.{1,77}/g, '$&\n')
    const envelope = JSON.stringify({ payloadType: 'application/vnd.in-toto+json', payload })
    expect(await about(envelope)).toBe('in-toto: no predicate type, 20000 subjects (é0, é1, é2, …)')
  })

  it('is read as JSON.parse reads it, in chunks of any size', async () => {
    const whole: Record<string, Shape> = {}
    whole['*'] = whole
    await fc.assert(
      fc.asyncProperty(
        fc.json(),
        fc.nat(),
        fc.nat(),
        fc.constantFrom('', ',', ']', '}', '1', '"'),
        async (...of) => {
          const [json, cut, at, added] = of
          const from = at % (json.length + 1)
          const text = json.slice(0, from) + added + json.slice(from)
          const end = cut % (text.length + 1)
          const chunks = [text.slice(0, end), text.slice(end)]
          expect(await read(chunks, whole)).toEqual(parsed(text))
        }
      ),
      { numRuns: 500 }
    )
  })
})

async function read(chunks: readonly string[], shape: Shape): Promise<unknown> {
  async function* text() {
    yield* chunks
  }
  try {
    const documents: unknown[] = []
    for await (const one of readJson(text(), [shape])) documents.push(one)
    // Several documents behind each other are no JSON.
    return documents.length === 1 ? JSON.stringify(documents[0]) : 'none'
  } catch {
    return 'none'
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value)
  } catch {
    return 'none'
  }
}

describe('XML', () => {
  it('that is nested too deeply is not counted', async () => {
    expect(await about(`<testsuite>${'<a>'.repeat(2 * MAX_DEPTH)}`)).toBe(
      'JUnit: not counted (nested too deeply)'
    )
  })

  it('is given up at its first mistake: a wrong end of each of many elements is a mistake for each of them', async () => {
    const text = `<testsuite><testcase/>${'<a>'.repeat(MAX_DEPTH - 1)}${'</b>'.repeat(CHUNK)}`
    expect(await about(text)).toContain('JUnit: not counted (cut or malformed; up to there 1 test')
  })

  it.each(['<!', '<!DOCTYPE ', '<!DOCTYPE a [<!', '<!--', '<![CDATA[', '<?', '</', '<a b="', '&', '&#'])(
    'that does not end what begins with %s is malformed, and soon given up',
    async begin => {
      for (const sign of ['a', '-', '!', '"'])
        expect(await about(`<testsuite>${begin}${sign.repeat(50_000)}`)).toContain('not counted')
    },
    PATIENT_MS
  )

  it(
    'with too many attributes or invalid characters is not counted',
    async () => {
      const attributes = Array.from({ length: MAX_ATTRIBUTES + 1 }, (_, n) => `a${n}=""`).join(' ')
      expect(await about(`<testsuite ${attributes}/>`)).toContain('attributes in an element')
      expect(await about(`<testsuite>${'&;'.repeat(MAX_INVALID + 1)}</testsuite>`)).toContain(
        'invalid characters'
      )
    },
    PATIENT_MS
  )

  it('finds the end of a case wherever it is', async () => {
    const deep = MAX_DEPTH - 10
    const cases = '<testcase><testcase/><failure/></testcase>'.repeat(5_000)
    expect(await about(`<testsuite>${'<a>'.repeat(deep)}${cases}${'</a>'.repeat(deep)}</testsuite>`)).toBe(
      'JUnit: 5000 tests, 5000 failed, 0 errors, 0 skipped'
    )
  })

  it('has no element, attribute or word that is more than that', async () => {
    const text =
      '<testsuite><constructor/><testcase __proto__="x" status="constructor"><toString/></testcase></testsuite>'
    expect(await about(text)).toBe('JUnit: 1 test, 0 failed, 0 errors, 0 skipped, 1 unknown')
    expect(
      await about('<test-run><test-case result="constructor"/><test-case result="__proto__"/></test-run>')
    ).toBe('NUnit: 2 tests, 0 failed, 0 errors, 0 skipped, 2 unknown')
  })

  it('never takes a number that is too high for none', async () => {
    expect(await about('<testsuite tests="1" failures="99999999999"><testcase/></testsuite>')).toContain(
      '999999999 failed (0 counted)'
    )
  })

  it('repeats little of a long verdict', async () => {
    const text = await about(`<TestRun><ResultSummary outcome="${'x'.repeat(100_000)}"/></TestRun>`)
    expect(text?.length).toBeLessThan(400)
  })
})

it('lets signals be heard while a large report is read', async () => {
  const level = '{"level":"warning","message":{"text":"something"}},'
  const text = `{"version":"2.1.0","runs":[{"results":[${level.repeat(8_000)}{}]}]}`
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 0)
  expect(await about(text)).toBe('SARIF: 8001 warnings')
  clearInterval(timer)
  expect(turns).toBeGreaterThan(3)
})
