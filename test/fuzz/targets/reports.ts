/** Reports of tests, scans and components. */
import { Readable } from 'node:stream'
import { describeEvidence } from '@change-actions/evidence'
import { below, mutated, type Random } from '../mutate.ts'
import type { Target } from '../target.ts'

const STATEMENT = JSON.stringify({
  _type: 'https://in-toto.io/Statement/v1',
  predicateType: 'https://slsa.dev/provenance/v1',
  subject: [{ name: 'app', digest: { sha256: '0' } }],
  predicate: { result: 'PASSED' }
})

/** Valid samples of each format. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  JUnit: [
    '<?xml version="1.0"?><testsuites tests="3"><testsuite name="a" tests="3" failures="1"><testcase name="b"><failure message="c &lt; d"/></testcase><testcase status="notrun"/><testcase><skipped/><system-out><![CDATA[x]]></system-out></testcase></testsuite></testsuites>'
  ],
  NUnit: [
    '<test-run total="2" failed="1" result="Failed"><test-suite result="Failed" site="TearDown"><test-case result="Passed"/><test-case result="Failed" label="Error"/></test-suite></test-run>',
    '<test-results total="1" not-run="1"><test-case executed="False" result="Ignored"/></test-results>'
  ],
  'xUnit.net': [
    '<assemblies><assembly total="2" failed="1" errors="1"><errors><error/></errors><collection><test result="Pass"/><test result="Fail"/></collection></assembly></assemblies>'
  ],
  TestNG: [
    '<testng-results total="1" failed="1"><suite><test-method status="FAIL" is-config="true"/></suite></testng-results>'
  ],
  TRX: [
    '<TestRun xmlns="x"><Results><UnitTestResult outcome="Passed"/></Results><ResultSummary outcome="Aborted"><Counters total="2" failed="1"/></ResultSummary></TestRun>'
  ],
  CTRF: [
    '{"reportFormat":"CTRF","results":{"tool":{"name":"x"},"summary":{"tests":2,"failed":1},"tests":[{"status":"passed"},{"status":"failed"}]}}'
  ],
  SARIF: [
    '{"version":"2.1.0","runs":[{"tool":{"driver":{"rules":[{"id":"a","defaultConfiguration":{"level":"note"}}]}},"invocations":[{"executionSuccessful":true,"ruleConfigurationOverrides":[{"descriptor":{"id":"a"},"configuration":{"level":"error"}}]}],"results":[{"ruleId":"a"},{"kind":"open","level":"none"},{"suppressions":[{"status":"accepted"}]}]}]}',
    '{"version":"1.0.0","runs":[{"rules":{"a":{"defaultLevel":"error"}},"results":[{"ruleKey":"a"},{"level":"pass"}]}]}'
  ],
  Trivy: [
    '{"SchemaVersion":2,"ArtifactName":"a","Results":[{"Target":"b","Class":"c","Vulnerabilities":[{"Severity":"HIGH"}],"Misconfigurations":[{"Status":"PASS"}]}]}',
    '{"ClusterName":"a","Resources":[{"Results":[{"Secrets":[{"Severity":"LOW"}]}],"Error":"x"}]}',
    '{"kind":"List","items":[{"apiVersion":"aquasecurity.github.io/v1","report":{"summary":{"highCount":2},"checks":[{"success":false}]}}]}'
  ],
  CycloneDX: [
    '{"bomFormat":"CycloneDX","components":[{"licenses":[{"license":{"id":"MIT"}},{"expression":"A OR B"}],"components":[{}]}],"vulnerabilities":[{"ratings":[{"severity":"high"}],"analysis":{"state":"resolved"}}]}',
    '<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component><components><component/></components></component></components><vulnerabilities><vulnerability/></vulnerabilities></bom>'
  ],
  SPDX: [
    '{"spdxVersion":"SPDX-2.3","packages":[{"licenseConcluded":"NOASSERTION","licenseDeclared":"MIT"}]}',
    '{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"software_Package"},{"simplelicensing_licenseExpression":"MIT"}]}',
    '{"sbom":{"spdxVersion":"SPDX-2.3","packages":[]}}',
    'SPDXVersion: SPDX-2.3\nPackageName: a\n'
  ],
  'in-toto': [
    STATEMENT,
    JSON.stringify({
      payloadType: 'application/vnd.in-toto+json',
      payload: Buffer.from(STATEMENT).toString('base64')
    }),
    JSON.stringify({ dsseEnvelope: { payloadType: 'application/vnd.in-toto+json', payload: 'e30=' } }),
    `${STATEMENT}\n${STATEMENT}\n`
  ]
}

/** Of any kind of encoding, in two chunks that meet anywhere. */
async function describe(samples: readonly string[], random: Random): Promise<void> {
  const text = mutated(samples, random)
  const encoding = random() < 0.9 ? 'utf8' : 'utf16le'
  const bytes = Buffer.from(encoding === 'utf8' ? text : `\ufeff${text}`, encoding)
  if (bytes.length === 0) return
  const at = below(random, bytes.length)
  const chunks = [bytes.subarray(0, at), bytes.subarray(at)].filter(chunk => chunk.length > 0)
  const path = random() < 0.5 ? 'report' : 'report.log'
  const report = await describeEvidence({ path, size: bytes.length, open: () => Readable.from(chunks) })
  if (report === undefined) return
  if (report.text.length > 5_000) throw new Error(`it says ${report.text.length} characters`)
  const counts = [...Object.values(report.tests ?? {}), ...(report.findings?.values() ?? [])]
  if (!counts.every(count => Number.isSafeInteger(count) && count >= 0))
    throw new Error(`it counts ${report.text}`)
  // Every reader has caught what it did not expect.
  if (report.problem === 'cannot be read') throw new Error('an error of the reader was caught')
}

export const reportTargets: readonly Target[] = Object.entries(SAMPLES).map(([format, samples]) => ({
  name: `reports: ${format}`,
  run: random => describe(samples, random)
}))
