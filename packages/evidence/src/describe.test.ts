import { mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { describeEvidence } from './describe.ts'

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

describe('describeEvidence', () => {
  const about = (content: string | Buffer, name = 'report'): Promise<string | undefined> =>
    describeEvidence({ path: put(name, content), size: Buffer.byteLength(content) })

  const suite = `<?xml version="1.0"?>
    <testsuites tests="99"><testsuite name="a" tests="50">
      <testcase name="1"/><testcase name="2"><failure message="a &lt; b"/><failure/></testcase>
      <testsuite name="inner"><testcase name="3"><error/></testcase><testcase name="4"><skipped/></testcase></testsuite>
      <testcase name="5"><system-out><![CDATA[<testcase><failure/>]]></system-out></testcase>
    </testsuite></testsuites>`

  it('counts the cases of JUnit XML, in whatever encoding', async () => {
    const expected = 'JUnit: 5 tests, 1 failed, 1 error, 1 skipped'
    expect(await about(suite)).toBe(expected)
    expect(await about(`\ufeff${suite}`)).toBe(expected)
    expect(await about(Buffer.from(`\ufeff${suite}`, 'utf16le'))).toBe(expected)
    expect(await about('<testsuite/>')).toBe('JUnit: 0 tests, 0 failed, 0 errors, 0 skipped')
  })

  it('takes the declared numbers of JUnit XML without cases', async () => {
    const bare =
      '<testsuites><testsuite tests="3" failures="1"/><testsuite tests="4" errors="2" disabled="1"/></testsuites>'
    expect(await about(bare)).toBe('JUnit: 7 tests, 1 failed, 2 errors, 1 skipped')
  })

  it('reads long reports and long messages', async () => {
    const long = `<testcase><failure message="${'x'.repeat(300_000)}"/></testcase>`
    const expected = 'JUnit: 2000 tests, 20 failed, 0 errors, 0 skipped'
    const cases = '<testcase classname="é"/>'.repeat(1980)
    expect(await about(`<testsuite>${cases}${long.repeat(20)}</testsuite>`)).toBe(expected)
  })

  it('counts SARIF results by level', async () => {
    const rules = [
      { id: 'r0', defaultConfiguration: { level: 'error' } },
      { id: 'r1', defaultConfiguration: { level: 'note' } },
      { id: 'r2' }
    ]
    const results = [
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
    const log = { version: '2.1.0', runs: [{ tool: { driver: { rules }, extensions }, results }, {}] }
    expect(await about(JSON.stringify(log))).toBe('SARIF: 4 errors, 2 warnings, 1 note')
    expect(await about(JSON.stringify({ version: '2.1.0', runs: [] }))).toBe('SARIF: no findings')
  })

  it('counts Trivy findings by severity', async () => {
    const Results = [
      {
        Target: 'image',
        Vulnerabilities: [{ Severity: 'CRITICAL' }, { Severity: 'HIGH' }, { Severity: 'odd' }]
      },
      {
        Misconfigurations: [
          { Severity: 'HIGH', Status: 'FAIL' },
          { Severity: 'HIGH', Status: 'PASS' }
        ]
      },
      { Secrets: [{ Severity: 'LOW' }], Vulnerabilities: null }
    ]
    const report = { SchemaVersion: 2, ArtifactName: 'shop', Results }
    expect(await about(JSON.stringify(report))).toBe('Trivy: 1 critical, 2 high, 1 low, 1 unknown')
    expect(await about(JSON.stringify({ SchemaVersion: 2, ArtifactName: 'shop' }))).toBe('Trivy: no findings')
    expect(await about(JSON.stringify([Results[0]]))).toBe('Trivy: 1 critical, 1 high, 1 unknown')
  })

  it.each([
    ['other XML', '<html><testcase/></html>'],
    ['an unclosed report', '<testsuite><testcase/>'],
    ['a report cut in a tag', '<testsuite><testca'],
    ['crossing tags', '<testsuite><a></testsuite></a>'],
    [
      'an entity bomb',
      '<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
    ],
    ['an unknown entity', '<testsuite><testcase name="&b;"/></testsuite>'],
    ['other JSON', '{"version":"1.0","results":[]}'],
    ['a JSON list', '[1,2]'],
    ['broken JSON', '{"version":"2.1.0","runs":['],
    ['text', 'all good'],
    ['nothing', '']
  ])('says nothing of %s', async (_, content) => expect(await about(content, 'junit.sarif')).toBeUndefined())

  it('says nothing of a file that is too large, or gone', async () => {
    const path = put('big.xml', '<testsuite/>')
    truncateSync(path, 50 * 1024 * 1024 + 1)
    expect(await describeEvidence({ path, size: 50 * 1024 * 1024 + 1 })).toBeUndefined()
    expect(await describeEvidence({ path: join(root, 'gone'), size: 1 })).toBeUndefined()
  })
})
