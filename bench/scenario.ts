/** One line of the results: a target, and what was measured against it. */
export interface Finding {
  readonly what: string
  /** Absent where a number is told for the record only. */
  readonly target?: string
  readonly measured: string
  readonly met?: boolean
}

export interface Result {
  readonly findings: readonly Finding[]
  /** Markdown: where the numbers come from, and those behind them. */
  readonly details: string
}

/** A row of the targets, with how it is measured. */
export interface Scenario {
  /** `npm run bench -- NAME`. */
  readonly name: string
  readonly title: string
  run(): Promise<Result>
}
