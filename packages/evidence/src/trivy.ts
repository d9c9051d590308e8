import { type Shape, VALUE } from './json-documents.ts'
import { findingsReport, type Report } from './report.ts'
import { count, list, record, tally, word } from './values.ts'

const FINDING: Shape = { Severity: VALUE, severity: VALUE, Status: VALUE, success: VALUE }
const TARGET: Shape = {
  Target: VALUE,
  Class: VALUE,
  Type: VALUE,
  Vulnerabilities: FINDING,
  Misconfigurations: FINDING,
  Secrets: FINDING,
  Licenses: FINDING
}
const RESOURCE: Shape = { Error: VALUE, Results: TARGET }
const RECORD: Shape = {
  apiVersion: VALUE,
  report: {
    vulnerabilities: FINDING,
    secrets: FINDING,
    checks: FINDING,
    summary: {
      criticalCount: VALUE,
      highCount: VALUE,
      mediumCount: VALUE,
      lowCount: VALUE,
      unknownCount: VALUE
    }
  }
}

/** What is read of a report on one target, of a bare list of targets, on a cluster, and of the operator's records. */
export const TRIVY: Shape = {
  ...TARGET,
  ...RECORD,
  SchemaVersion: VALUE,
  ArtifactName: VALUE,
  Results: TARGET,
  ClusterName: VALUE,
  Resources: RESOURCE,
  Vulnerabilities: { ...FINDING, ...RESOURCE },
  Misconfigurations: { ...FINDING, ...RESOURCE },
  Findings: RESOURCE,
  kind: VALUE,
  items: RECORD
}

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'unknown']

type Fields = Readonly<Record<string, unknown>>

/**
 * The findings of a Trivy JSON report by severity: vulnerabilities, failed configuration checks, secrets and
 * licences; undefined for anything else. Reads the older form (a bare list of targets), the reports on a cluster, and
 * the records that Trivy's operator keeps in it.
 */
export function describeTrivy(report: unknown): Report | undefined {
  const operator = operatorFindings(report)
  if (operator !== undefined) return findingsReport('Trivy', operator, SEVERITIES)
  const resources = resourcesOf(report)
  const results = resources?.flatMap(({ Results }) => list(Results)) ?? resultsOf(report)
  if (results === undefined) return undefined
  const failed = resources?.some(({ Error: error }) => word(error) !== '') === true
  const found = tally(results.map(record).flatMap(findingsOf).map(severityOf))
  return findingsReport('Trivy', found, SEVERITIES, failed ? ['scan failed'] : [])
}

function findingsOf(result: Fields): readonly Fields[] {
  const checks = list(result.Misconfigurations).map(record)
  return [
    ...list(result.Vulnerabilities).map(record),
    ...checks.filter(({ Status }) => !['pass', 'exception'].includes(word(Status))),
    ...list(result.Secrets).map(record),
    ...list(result.Licenses).map(record)
  ]
}

function severityOf(finding: Fields): string {
  return word(finding.Severity ?? finding.severity) || 'unknown'
}

/** Keys that only a target of Trivy has beside its name. */
const TARGET_KEYS = ['Class', 'Type', 'Vulnerabilities', 'Misconfigurations', 'Secrets', 'Licenses']

/** A clean scan may leave `Results` out; then the schema version and the artifact tell the report. */
function resultsOf(report: unknown): readonly unknown[] | undefined {
  if (Array.isArray(report)) {
    const isTarget = (each: Fields) =>
      typeof each.Target === 'string' && TARGET_KEYS.some(key => Object.hasOwn(each, key))
    return report.length > 0 && report.map(record).every(isTarget) ? report : undefined
  }
  const { SchemaVersion, ArtifactName, Results } = record(report)
  const isTrivy = typeof SchemaVersion === 'number' && typeof ArtifactName === 'string'
  if (!isTrivy) return undefined
  return Results === undefined || Results === null ? [] : Array.isArray(Results) ? Results : undefined
}

/** Of a scan of a cluster; the older form has a list for each kind of finding. */
function resourcesOf(report: unknown): readonly Fields[] | undefined {
  const { ClusterName, Resources, Vulnerabilities, Misconfigurations, Findings } = record(report)
  const lists = [Resources, Vulnerabilities, Misconfigurations, Findings].filter(Array.isArray)
  if (typeof ClusterName !== 'string' || lists.length === 0) return undefined
  return lists.flat().map(record)
}

/** Records of Trivy's operator, one or a list of them. */
function operatorFindings(report: unknown): ReadonlyMap<string, number> | undefined {
  const { kind, items } = record(report)
  const records = (kind === 'List' || word(kind).endsWith('list') ? list(items) : [report]).map(record)
  const ours = ({ apiVersion }: Fields) => word(apiVersion).startsWith('aquasecurity.github.io/')
  if (records.length === 0 || !records.every(ours)) return undefined
  const found = new Map<string, number>()
  for (const one of records) {
    for (const [severity, number] of operatorReport(record(one.report)))
      found.set(severity, (found.get(severity) ?? 0) + number)
  }
  return found
}

/** Its findings, or the numbers of its summary where these are higher: the lists may be left out. */
function operatorReport(report: Fields): readonly (readonly [string, number])[] {
  const checks = list(report.checks).map(record)
  const listed = tally(
    [
      ...list(report.vulnerabilities).map(record),
      ...list(report.secrets).map(record),
      ...checks.filter(({ success }) => success !== true)
    ].map(severityOf)
  )
  const summary = record(report.summary)
  for (const severity of SEVERITIES)
    listed.set(severity, Math.max(listed.get(severity) ?? 0, count(summary[`${severity}Count`])))
  return [...listed]
}
