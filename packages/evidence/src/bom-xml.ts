import { counted, findingsReport, findingsText } from './report.ts'
import type { Element, ReportReader } from './xml.ts'

/** The components and vulnerabilities of CycloneDX in XML; undefined for another root. */
export function readBom({ name, attributes }: Element): ReportReader | undefined {
  if (name !== 'bom' || !/cyclonedx/i.test(Object.values(attributes).join(' '))) return undefined
  let components = 0
  let vulnerabilities = 0
  return {
    format: 'CycloneDX',
    open(element, path) {
      if (element.name === 'component' && path.at(-1) === 'components') components += 1
      if (element.name === 'vulnerability' && path.at(-1) === 'vulnerabilities') vulnerabilities += 1
    },
    close: () => undefined,
    report() {
      // Their severities and states are text between elements, and are not read.
      const found = new Map(vulnerabilities === 0 ? [] : [['unknown', vulnerabilities] as const])
      const { findings = found, attention } = findingsReport('CycloneDX', found, [])
      const parts = [counted(components, 'component'), ...(found.size === 0 ? [] : [findingsText(found)])]
      return { text: `CycloneDX: ${parts.join(', ')}`, findings, attention }
    }
  }
}
