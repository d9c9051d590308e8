import { Readable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { describeEvidence } from './describe.ts'

async function about(content: string | object): Promise<string | undefined> {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  const bytes = Buffer.from(text)
  return (await describeEvidence({ path: 'report', size: bytes.length, open: () => Readable.from([bytes]) }))
    ?.text
}

describe('NUnit', () => {
  it('is counted by results and labels', async () => {
    const cases = [
      '<test-case result="Passed"/><test-case result="Failed"/><test-case result="Failed" label="Error"/>',
      '<test-case result="Skipped" label="Ignored"/><test-case result="Inconclusive"/><test-case result="Warning"/>'
    ].join('')
    expect(
      await about(`<test-run total="6" result="Failed"><test-suite>${cases}</test-suite></test-run>`)
    ).toBe('NUnit: 6 tests, 1 failed, 1 error, 2 skipped, 1 unknown')
  })

  it('is read in version 2', async () => {
    const cases =
      '<test-case executed="True" result="Success"/><test-case executed="False" result="Ignored"/><test-case executed="True" success="False"/>'
    expect(await about(`<test-results total="2" failures="1" not-run="1">${cases}</test-results>`)).toBe(
      'NUnit: 3 tests, 1 failed, 0 errors, 1 skipped'
    )
  })

  it('has failures that no case carries', async () => {
    const passed = '<test-case result="Passed"/>'
    expect(await about(`<test-run result="Failed" failed="0">${passed}</test-run>`)).toContain(
      'the run says Failed'
    )
    expect(await about(`<test-run failed="2">${passed}</test-run>`)).toContain('2 failed (0 counted)')
    const teardown = `<test-suite result="Failed" site="TearDown">${passed}</test-suite>`
    expect(await about(`<test-run>${teardown}</test-run>`)).toBe(
      'NUnit: 1 test, 0 failed, 1 error, 0 skipped'
    )
  })
})

describe('xUnit.net', () => {
  it('is counted by results, and errors outside of tests', async () => {
    const tests = '<test result="Pass"/><test result="Fail"/><test result="Skip"/><test result="Odd"/>'
    const text = `<assemblies><assembly total="4" failed="1" skipped="1" errors="1"><errors><error/></errors><collection>${tests}</collection></assembly></assemblies>`
    expect(await about(text)).toBe('xUnit.net: 4 tests, 1 failed, 1 error, 1 skipped, 1 unknown')
  })

  it('is not a manifest of .NET', async () => {
    expect(await about('<assembly xmlns="urn:schemas-microsoft-com:asm.v1"/>')).toBe('not counted')
  })
})

describe('TestNG', () => {
  it('is counted by status; a configuration method that failed is an error', async () => {
    const methods =
      '<test-method status="PASS"/><test-method status="FAIL"/><test-method status="SKIP"/><test-method status="FAIL" is-config="true"/><test-method status="PASS" is-config="true"/>'
    expect(await about(`<testng-results total="3" failed="1" skipped="1">${methods}</testng-results>`)).toBe(
      'TestNG: 3 tests, 1 failed, 1 error, 1 skipped'
    )
  })
})

describe('TRX', () => {
  const run = (results: string, summary = '<ResultSummary outcome="Completed"/>') =>
    `<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>${results}</Results>${summary}</TestRun>`

  it('is counted by outcome, rows of a data-driven test with it', async () => {
    const rows = '<InnerResults><UnitTestResult outcome="Failed"/></InnerResults>'
    const results = [
      '<UnitTestResult outcome="Passed"/>',
      `<UnitTestResult outcome="Failed">${rows}</UnitTestResult>`,
      '<UnitTestResult outcome="Timeout"/><UnitTestResult outcome="NotExecuted"/><UnitTestResult/>'
    ].join('')
    expect(await about(run(results))).toBe('TRX: 5 tests, 1 failed, 1 error, 1 skipped, 1 unknown')
  })

  it('says when the run was aborted, or counts more', async () => {
    const passed = '<UnitTestResult outcome="Passed"/>'
    expect(await about(run(passed, '<ResultSummary outcome="Aborted"/>'))).toContain('the run says Aborted')
    const counters = '<ResultSummary outcome="Failed"><Counters total="2" failed="1"/></ResultSummary>'
    expect(await about(run(passed, counters))).toBe(
      'TRX: 2 tests (1 counted), 1 failed (0 counted), 0 errors, 0 skipped'
    )
  })
})

describe('CTRF', () => {
  it('is counted by status, and held against its summary', async () => {
    const tests = ['passed', 'failed', 'skipped', 'pending', 'other'].map(status => ({ status }))
    const summary = { tests: 5, passed: 1, failed: 2, skipped: 1, pending: 1, other: 1 }
    expect(await about({ results: { tool: { name: 'jest' }, summary, tests } })).toBe(
      'CTRF: 5 tests, 2 failed (1 counted), 0 errors, 2 skipped, 1 unknown'
    )
    expect(await about({ reportFormat: 'CTRF', results: { summary } })).toBe(
      'CTRF: 5 tests, 2 failed, 0 errors, 2 skipped, 1 unknown'
    )
  })
})

describe('bills of materials', () => {
  it('CycloneDX: nested components, licences, vulnerabilities that are open', async () => {
    const mit = [{ license: { id: 'MIT' } }]
    const components = [
      { name: 'a', licenses: mit, components: [{ name: 'b', licenses: mit }] },
      { name: 'c', licenses: [{ expression: 'Apache-2.0 OR MIT' }] }
    ]
    const vulnerabilities = [
      { ratings: [{ severity: 'low' }, { severity: 'critical' }] },
      { ratings: [{ severity: 'high' }], analysis: { state: 'not_affected' } },
      {}
    ]
    expect(await about({ bomFormat: 'CycloneDX', components, vulnerabilities })).toBe(
      'CycloneDX: 3 components, 2 licences, 1 critical, 1 unknown'
    )
    expect(await about({ bomFormat: 'CycloneDX' })).toBe('CycloneDX: 0 components, 0 licences')
    const xml =
      '<components><component/><component/></components><vulnerabilities><vulnerability/></vulnerabilities>'
    expect(await about(`<bom xmlns="http://cyclonedx.org/schema/bom/1.5">${xml}</bom>`)).toBe(
      'CycloneDX: 2 components, 1 unknown'
    )
  })

  it('SPDX in the tag-value form is not counted', async () => {
    const text = 'SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nPackageName: left-pad\n'
    expect(await about(text)).toBe('not counted (SPDX tag-value; JSON is read)')
  })

  it('SPDX: packages and their licences', async () => {
    const packages = [
      { licenseConcluded: 'NOASSERTION', licenseDeclared: 'MIT' },
      { licenseConcluded: 'MIT' },
      { licenseDeclared: 'NOASSERTION' }
    ]
    const document = { spdxVersion: 'SPDX-2.3', packages }
    expect(await about(document)).toBe('SPDX: 3 components, 1 licence')
    expect(await about({ sbom: document })).toBe('SPDX: 3 components, 1 licence')
    const graph = [{ type: 'software_Package' }, { simplelicensing_licenseExpression: 'MIT' }]
    expect(
      await about({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': graph })
    ).toBe('SPDX: 1 component, 1 licence')
  })
})

describe('in-toto', () => {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://slsa.dev/provenance/v1',
    subject: [{ name: 'shop.tgz' }]
  }
  const envelope = (payload: object | string, payloadType = 'application/vnd.in-toto+json') => ({
    payloadType,
    payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)).toString('base64')
  })
  const expected = 'in-toto: https://slsa.dev/provenance/v1, 1 subject (shop.tgz)'

  it('is read plain, in an envelope, in a bundle, and one a line', async () => {
    expect(await about(statement)).toBe(expected)
    expect(await about(envelope(statement))).toBe(expected)
    expect(
      await about({
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        dsseEnvelope: envelope(statement)
      })
    ).toBe(expected)
    const line = JSON.stringify(envelope(statement))
    expect(await about(`${line}\n${line}\n`)).toBe(expected)
  })

  it('says what the predicate says, and what cannot be read', async () => {
    expect(await about({ ...statement, predicate: { verificationResult: 'FAILED' } })).toBe(
      `${expected}, result FAILED`
    )
    expect(await about(envelope('{'))).toBe('in-toto: not counted (its statement cannot be read)')
    expect(await about(envelope('x', 'text/plain'))).toBe('DSSE: not counted (an envelope of another type)')
  })
})

describe('Trivy', () => {
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

  it('is counted by severity', async () => {
    const report = { SchemaVersion: 2, ArtifactName: 'shop', Results }
    expect(await about(report)).toBe('Trivy: 1 critical, 2 high, 1 low, 1 unknown')
    expect(await about({ SchemaVersion: 2, ArtifactName: 'shop' })).toBe('Trivy: no findings')
    expect(await about([Results[0] as object])).toBe('Trivy: 1 critical, 1 high, 1 unknown')
    expect(await about([{ Target: 'image', Type: 'alpine', Vulnerabilities: null }])).toBe(
      'Trivy: no findings'
    )
  })

  it('is read from a cluster', async () => {
    const Resources = [
      { Kind: 'Pod', Results },
      { Kind: 'Pod', Error: 'no access to the image' }
    ]
    expect(await about({ ClusterName: 'c', Resources })).toBe(
      'Trivy: scan failed, 1 critical, 2 high, 1 low, 1 unknown'
    )
    expect(await about({ ClusterName: 'c', Resources: [] })).toBe('Trivy: no findings')
  })

  it('is read from the records of its operator, and from their summary', async () => {
    const apiVersion = 'aquasecurity.github.io/v1alpha1'
    const listed = {
      apiVersion,
      report: { vulnerabilities: [{ severity: 'HIGH' }], summary: { highCount: 1 } }
    }
    const summed = { apiVersion, report: { summary: { criticalCount: 2 } } }
    const checks = {
      apiVersion,
      report: { checks: [{ severity: 'LOW', success: false }, { success: true }] }
    }
    expect(await about({ kind: 'List', items: [listed, summed, checks] })).toBe(
      'Trivy: 2 critical, 1 high, 1 low'
    )
  })

  it('is not claimed to be what only has targets', async () => {
    expect(await about([{ Target: 'https://shop.example', Findings: [{ Severity: 'HIGH' }] }])).toBe(
      'not counted'
    )
  })
})
