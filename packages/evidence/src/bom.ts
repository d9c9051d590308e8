/** Bills of materials: how many components, under how many licences, and what is known to be wrong with them. */
import { type Shape, VALUE } from './json-documents.ts'
import { counted, findingsReport, findingsText, type Report } from './report.ts'
import { list, record, tally, text, word } from './values.ts'

type Fields = Readonly<Record<string, unknown>>

/** Components are inside each other; the shape of one is that of those in it. */
const COMPONENT: Record<string, Shape> = {
  licenses: { license: { id: VALUE, name: VALUE }, expression: VALUE }
}
COMPONENT.components = COMPONENT

const DOCUMENT: Shape = {
  bomFormat: VALUE,
  components: COMPONENT,
  vulnerabilities: { analysis: { state: VALUE }, ratings: { severity: VALUE } },
  spdxVersion: VALUE,
  packages: { licenseConcluded: VALUE, licenseDeclared: VALUE },
  '@context': VALUE,
  '@graph': { type: VALUE, '@type': VALUE, simplelicensing_licenseExpression: VALUE }
}

/** What is read of a bill of materials. GitHub gives it inside another object. */
export const BOM: Shape = { ...DOCUMENT, sbom: DOCUMENT }

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info', 'unknown']
const HARMLESS = ['not_affected', 'false_positive', 'resolved', 'resolved_with_pedigree']

/** A CycloneDX or SPDX document in JSON; undefined for anything else. */
export function describeBom(document: unknown): Report | undefined {
  const { bomFormat, spdxVersion, sbom, '@context': context, '@graph': graph } = record(document)
  if (bomFormat === 'CycloneDX') return cycloneDx(record(document))
  if (sbom !== undefined) return describeBom({ ...record(sbom), sbom: undefined })
  if (typeof spdxVersion === 'string') return spdx2(record(document))
  const contexts = Array.isArray(context) ? context : [context]
  const named = contexts.some(one => word(one).includes('spdx.org'))
  return named && Array.isArray(graph) ? spdx3(graph.map(record)) : undefined
}

function bomReport(
  format: string,
  components: number,
  licences: Iterable<unknown>,
  findings: ReadonlyMap<string, number> = new Map()
): Report {
  const named = new Set([...licences].filter(one => typeof one === 'string' && one !== ''))
  const { findings: found = findings, attention } = findingsReport(format, findings, SEVERITIES)
  const counts = [counted(components, 'component'), counted(named.size, 'licence')]
  const parts = [...counts, ...(found.size === 0 ? [] : [findingsText(found)])]
  return { text: `${format}: ${parts.join(', ')}`, findings: found, attention }
}

function cycloneDx(document: Fields): Report {
  const components = nested(document.components)
  const licences = components.flatMap(({ licenses }) => {
    return list(licenses)
      .map(record)
      .map(({ license, expression }) => {
        const { id, name } = record(license)
        return expression ?? id ?? name
      })
  })
  const open = list(document.vulnerabilities)
    .map(record)
    .filter(({ analysis }) => !HARMLESS.includes(word(record(analysis).state)))
  return bomReport('CycloneDX', components.length, licences, tally(open.map(worstRating)))
}

/** Components and those inside them. */
function nested(components: unknown): readonly Fields[] {
  const all = list(components).map(record)
  // The list grows while it is read.
  for (const one of all) for (const inner of list(one.components)) all.push(record(inner))
  return all
}

function worstRating({ ratings }: Fields): string {
  const rated = list(ratings).map(one => word(record(one).severity))
  return SEVERITIES.find(one => rated.includes(one)) ?? 'unknown'
}

function spdx2({ packages }: Fields): Report {
  const all = list(packages).map(record)
  const licences = all.map(({ licenseConcluded: concluded, licenseDeclared: declared }) =>
    isLicence(concluded) ? concluded : isLicence(declared) ? declared : undefined
  )
  return bomReport('SPDX', all.length, licences)
}

function isLicence(value: unknown): boolean {
  return typeof value === 'string' && value !== 'NOASSERTION' && value !== 'NONE'
}

function spdx3(graph: readonly Fields[]): Report {
  const typeOf = (one: Fields) => text(one.type ?? one['@type'])
  const packages = graph.filter(one => /(^|_|\/)Package$/.test(typeOf(one)))
  const licences = graph.map(one => one.simplelicensing_licenseExpression)
  return bomReport('SPDX', packages.length, licences)
}
