import { list, record } from './counts.ts'

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'unknown']

/**
 * The findings of a Trivy JSON report by severity: vulnerabilities, failed configuration checks, secrets
 * and licences; undefined for anything else. Reads the older form too, a bare list of targets.
 */
export function describeTrivy(report: unknown): string | undefined {
  const results = resultsOf(report)
  if (results === undefined) return undefined
  const findings = results.map(record).flatMap(result => [
    ...list(result.Vulnerabilities).map(record),
    ...list(result.Misconfigurations)
      .map(record)
      .filter(({ Status }) => Status === undefined || Status === 'FAIL'),
    ...list(result.Secrets).map(record),
    ...list(result.Licenses).map(record)
  ])
  const parts = SEVERITIES.flatMap(severity => {
    const count = findings.filter(finding => severityOf(finding) === severity).length
    return count === 0 ? [] : [`${count} ${severity}`]
  })
  return `Trivy: ${parts.join(', ') || 'no findings'}`
}

function severityOf({ Severity }: Readonly<Record<string, unknown>>): string {
  const word = String(Severity).toLowerCase()
  return SEVERITIES.includes(word) ? word : 'unknown'
}

/** A clean scan may leave `Results` out; then the schema version and the artifact tell the report. */
function resultsOf(report: unknown): readonly unknown[] | undefined {
  if (Array.isArray(report)) {
    const isTrivy = report.length > 0 && report.every(each => typeof record(each).Target === 'string')
    return isTrivy ? report : undefined
  }
  const { SchemaVersion, ArtifactName, Results } = record(report)
  const isTrivy = typeof SchemaVersion === 'number' && typeof ArtifactName === 'string'
  if (!isTrivy) return undefined
  return Results === undefined || Results === null ? [] : Array.isArray(Results) ? Results : undefined
}
