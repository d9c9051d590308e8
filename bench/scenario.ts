/** One row of the results: a measurement and its target. */
export interface Finding {
  readonly what: string
  /** Absent when the number is only for information. */
  readonly target?: string
  readonly measured: string
  /** Absent without a target. */
  readonly met?: boolean
}

export interface Result {
  readonly findings: readonly Finding[]
  /** Markdown with the measurements behind the findings. */
  readonly details: string
}

/** What is measured together. */
export interface Scenario {
  /** The argument of `npm run bench -- NAME`. */
  readonly name: string
  readonly title: string
  /** @throws Error when it cannot be measured */
  run(): Promise<Result>
}
