import type { Report, TestCounts } from './report.ts'

/** An element without its prefix; the names of its attributes are in lower case. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

/** Reads one report as its elements pass by. */
export interface ReportReader {
  readonly format: string
  /** @param path the names of the elements around it, the outermost first */
  open(element: Element, path: readonly string[]): void
  close(name: string): void
  /** Once all elements have passed. */
  report(): Report
  /** Tests counted so far. */
  tests?(): TestCounts
}
