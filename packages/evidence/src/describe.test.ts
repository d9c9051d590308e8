import { createReadStream, mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { describeEvidence } from './describe.ts'
import type { Report } from './report.ts'

let root = ''
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'evidence-')))
})
afterEach(() => rmSync(root, { recursive: true }))

/** Writes a file and returns its path. */
function put(name: string, content: string | Buffer = 'content'): string {
  const path = join(root, name)
  writeFileSync(path, content)
  return path
}

const read = (content: string | Buffer, name = 'report'): Promise<Report | undefined> =>
  describeFile(put(name, content), Buffer.byteLength(content))

const describeFile = (path: string, size: number): Promise<Report | undefined> =>
  describeEvidence({ path, size, open: () => createReadStream(path) })

const about = async (content: string | Buffer | object, name?: string): Promise<string | undefined> => {
  const text = typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content)
  return (await read(text, name))?.text
}

describe('JUnit XML', () => {
  const suite = `<?xml version="1.0"?>
    <testsuites tests="5"><testsuite name="a" tests="5">
      <testcase name="1"/><testcase name="2"><failure message="a &lt; b"/><failure/></testcase>
      <testsuite name="inner"><testcase name="3"><error/></testcase><testcase name="4"><skipped/></testcase></testsuite>
      <testcase name="5"><system-out><![CDATA[<testcase><failure/>]]></system-out></testcase>
    </testsuite></testsuites>`

  it('is counted by its cases, in whatever encoding', async () => {
    const expected = 'JUnit: 5 tests, 1 failed, 1 error, 1 skipped'
    expect(await about(suite)).toBe(expected)
    expect(await about(`\ufeff${suite}`)).toBe(expected)
    expect(await about(Buffer.from(`\ufeff${suite}`, 'utf16le'))).toBe(expected)
    expect(await about('<testsuite/>')).toBe('JUnit: 0 tests, 0 failed, 0 errors, 0 skipped')
    expect(await about('<j:testsuite xmlns:j="x"><j:testcase/></j:testsuite>')).toContain('1 test,')
  })

  it('has the declared numbers where it has no cases', async () => {
    const bare =
      '<testsuites><testsuite tests="3" failures="1"/><testsuite tests="4" errors="2" disabled="1" skipped="1"/></testsuites>'
    expect(await about(bare)).toBe('JUnit: 7 tests, 1 failed, 2 errors, 2 skipped')
    expect(await about('<testsuites tests="12" failures="3" errors="1"/>')).toBe(
      'JUnit: 12 tests, 3 failed, 1 error, 0 skipped'
    )
  })

  it.each([
    ['status="notrun" result="suppressed"', '0 failed, 0 errors, 1 skipped'],
    ['status="run" result="skipped"', '0 failed, 0 errors, 1 skipped'],
    ['status="disabled"', '0 failed, 0 errors, 1 skipped'],
    ['status="Not Run"', '0 failed, 0 errors, 1 skipped'],
    ['status="ignored"', '0 failed, 0 errors, 1 skipped'],
    ['status="run" result="completed"', '0 failed, 0 errors, 0 skipped'],
    ['status="failed"', '1 failed, 0 errors, 0 skipped'],
    ['status="error"', '0 failed, 1 error, 0 skipped'],
    ['status="purple"', '0 failed, 0 errors, 0 skipped, 1 unknown']
  ])('takes the outcome of a case from %s', async (attributes, expected) => {
    const text = `<testsuite><testcase name="a" ${attributes}/><testcase name="b"/></testsuite>`
    expect(await about(text)).toBe(`JUnit: 2 tests, ${expected}`)
  })

  it('counts one outcome of a case that failed, whatever its attributes say', async () => {
    const text = '<testsuite><testcase status="notrun"><failure/><skipped/></testcase></testsuite>'
    expect(await about(text)).toBe('JUnit: 1 test, 1 failed, 0 errors, 0 skipped')
  })

  it.each([
    ['the suite', '<testsuite tests="2" failures="1"><testcase/><testcase/></testsuite>'],
    ['the root', '<testsuites failures="1"><testsuite><testcase/><testcase/></testsuite></testsuites>'],
    ['an inner suite', '<testsuite><testcase/><testsuite failures="1"><testcase/></testsuite></testsuite>'],
    [
      'a suite without cases',
      '<testsuites><testsuite failures="1"/><testsuite><testcase/><testcase/></testsuite></testsuites>'
    ]
  ])('names a failure that %s declares and no case carries', async (_, text) => {
    const report = await read(text)
    expect(report?.text).toBe('JUnit: 2 tests, 1 failed (0 counted), 0 errors, 0 skipped')
    expect(report?.attention).toBe('failures')
  })

  it('does not count a failure twice that suites and cases tell', async () => {
    const one = (name: string) =>
      `<testsuite name="${name}" failures="1"><testcase><failure/></testcase></testsuite>`
    expect(await about(`<testsuites failures="2">${one('a')}${one('b')}</testsuites>`)).toBe(
      'JUnit: 2 tests, 2 failed, 0 errors, 0 skipped'
    )
  })

  it('names cases that are missing', async () => {
    const report = await read('<testsuite tests="9" skipped="2" disabled="2"><testcase/></testsuite>')
    expect(report?.text).toBe('JUnit: 9 tests (1 counted), 0 failed, 0 errors, 2 skipped (0 counted)')
    expect(report?.attention).toBe('unclear')
  })

  it('is read in spite of characters that XML does not have', async () => {
    const ansi = '<failure message="&#27;[31mexpected 1&#27;[0m \u0001 a & b &nbsp;"/>'
    const text = `<testsuite><testcase>${ansi}</testcase><testcase><error>&#0; &#xFFFF; \u0000</error></testcase></testsuite>`
    expect(await about(text)).toBe('JUnit: 2 tests, 1 failed, 1 error, 0 skipped')
  })

  it.each([
    '<testsuite><testcase><failure/></testcase><testcase><system-out>cut he',
    '<testsuite><testcase><failure/></testcase><testca',
    '<testsuite><testcase><failure/></testcase><a></testsuite></a>'
  ])('that is cut says so, and what failed up to there: %s', async text => {
    const report = await read(text, 'junit.xml')
    expect(report?.text).toMatch(/^JUnit: not counted \(cut or malformed; up to there [12] tests?, 1 failed/)
    expect(report?.problem).toContain('cut or malformed')
    expect(report?.attention).toBe('failures')
  })

  it('is read when it is long, and so are its messages', async () => {
    const long = `<testcase><failure message="${'x'.repeat(300_000)}"/></testcase>`
    const cases = '<testcase classname="é"/>'.repeat(1980)
    expect(await about(`<testsuite>${cases}${long.repeat(20)}</testsuite>`)).toBe(
      'JUnit: 2000 tests, 20 failed, 0 errors, 0 skipped'
    )
  })
})

describe('SARIF', () => {
  const log = (...runs: object[]) => ({ version: '2.1.0', runs })
  const results = (...all: object[]) => log({ tool: { driver: { name: 't' } }, results: all })

  it('is counted by level', async () => {
    const rules = [
      { id: 'r0', defaultConfiguration: { level: 'error' } },
      { id: 'r1', defaultConfiguration: { level: 'note' } },
      { id: 'r2' }
    ]
    const found = [
      { level: 'error' },
      { ruleIndex: 0 },
      { ruleId: 'r0' },
      { rule: { index: 0, toolComponent: { index: 0 } } },
      { ruleId: 'r2' },
      { ruleId: 'r1' },
      { kind: 'pass', ruleId: 'r0' },
      { level: 'error', suppressions: [{ kind: 'inSource' }] },
      { level: 'error', suppressions: [{ kind: 'external', status: 'rejected' }] },
      { level: 'error', baselineState: 'absent' }
    ]
    const extensions = [{ rules: [{ id: 'x', defaultConfiguration: { level: 'warning' } }] }]
    const run = { tool: { driver: { rules }, extensions }, results: found }
    expect(await about(log(run, {}))).toBe('SARIF: 4 errors, 2 warnings, 1 note')
    expect(await about(results())).toBe('SARIF: no findings')
  })

  it.each([
    [{ level: 'ERROR' }, '1 error'],
    [{ level: 'notice' }, '1 unknown'],
    [{ level: 7 }, '1 warning'],
    [{ level: 'none' }, '1 unknown'],
    [{ kind: 'review' }, '1 review'],
    [{ kind: 'open' }, '1 open'],
    [{ kind: 'strange' }, '1 unknown'],
    [{ kind: 'pass', level: 'error' }, '1 error'],
    [{ kind: 'notApplicable', level: 'none' }, 'no findings'],
    [{ level: 'note', suppressions: [{ status: 'accepted' }, { status: 'underReview' }] }, '1 note'],
    [{ level: 'note', suppressions: [] }, '1 note']
  ])('counts %j as %s', async (result, expected) => {
    expect(await about(results(result))).toBe(`SARIF: ${expected}`)
  })

  it('counts a rule by the level that the invocation gave it', async () => {
    const override = { descriptor: { id: 'A' }, configuration: { level: 'error' } }
    const invocations = [{ executionSuccessful: true, ruleConfigurationOverrides: [override] }]
    expect(await about(log({ invocations, results: [{ ruleId: 'A' }, { ruleId: 'B' }] }))).toBe(
      'SARIF: 1 error, 1 warning'
    )
  })

  it.each([
    [{ results: null, invocations: [{ executionSuccessful: false }] }, 'scan failed'],
    [{ results: [], invocations: [{ executionSuccessful: false }] }, 'scan failed'],
    [{ results: [], invocations: [{ processStartFailureMessage: 'no such file' }] }, 'scan failed'],
    [
      { results: [{ level: 'error' }], invocations: [{ executionSuccessful: false }] },
      'scan failed, 1 error'
    ],
    [{ results: null }, 'not counted (no results given)'],
    [{ externalPropertyFileReferences: { results: [{}] } }, 'not counted (results in other files)']
  ])('does not take %j for a clean scan', async (run, expected) => {
    const report = await read(JSON.stringify(log(run)))
    expect(report?.text).toBe(`SARIF: ${expected}`)
    expect(report?.attention).toBe('failures')
  })

  it('of no run, or of a version that is not known, is not clean', async () => {
    expect(await about(log())).toBe('SARIF: not counted (no results given)')
    const later = { $schema: 'https://example.test/sarif-3.json', version: '3.0.0', runs: [{ results: [] }] }
    expect(await about(later)).toBe('SARIF: not counted (a version that is not known)')
  })

  it('is read in version 1, with its own rules and suppressions', async () => {
    const run = {
      tool: { name: 'Compiler' },
      results: [
        { ruleId: 'A1', level: 'error', suppressionStates: ['suppressedInSource'] },
        { ruleId: 'A2' },
        { ruleKey: 'A3', ruleId: 'x', level: 'default' },
        { ruleId: 'A4' },
        { level: 'pass' },
        { level: 'notApplicable' },
        { level: 'odd' }
      ],
      rules: { A2: { id: 'A2', defaultLevel: 'error' }, A3: { defaultLevel: 'note' } }
    }
    expect(await about({ version: '1.0.0', runs: [run] })).toBe(
      'SARIF: 1 error, 1 warning, 1 note, 1 unknown'
    )
    const failed = { results: [], toolNotifications: [{ level: 'error' }] }
    expect(await about({ version: '1.0.0', runs: [failed] })).toBe('SARIF: scan failed')
  })
})

describe('what is in no format that is known', () => {
  it.each([
    ['other XML', '<project><testcase/></project>', 'not counted'],
    ['other JSON', '{"version":"1.0","results":[]}', 'not counted'],
    ['a JSON list', '[1,2]', 'not counted'],
    ['broken JSON', '{"version":"2.1.0","runs":[', 'not counted (cut or malformed)'],
    ['broken XML', '<<', 'not counted (cut or malformed)'],
    ['text', 'all good', 'not counted (neither XML nor JSON)'],
    [
      'an entity bomb',
      '<!DOCTYPE t [<!ENTITY a "aaaa">]><testsuite><testcase name="&a;"/></testsuite>',
      'JUnit: not counted (it has entities of its own)'
    ]
  ])('is not counted: %s', async (_, content, expected) => {
    expect(await about(content, 'junit.xml')).toBe(expected)
  })

  it.each([
    ['<!DOCTYPE html><html><body><p>a</body></html>', 'page.html'],
    ['[INFO] all good\n', 'build.log'],
    ['<13>Oct 1 started', 'build.log'],
    ['all good', 'notes.txt']
  ])('is nothing to speak of: %s', async (content, name) => expect(await read(content, name)).toBeUndefined())

  it('is a report that is too large, or gone', async () => {
    const path = put('big.xml', '<testsuite/>')
    truncateSync(path, 50 * 1024 * 1024 + 1)
    expect((await describeFile(path, 50 * 1024 * 1024 + 1))?.text).toBe('not counted (over 50 MiB)')
    expect((await describeFile(join(root, 'gone'), 1))?.text).toBe('not counted (cannot be read)')
  })
})
