/** The choices of a field, in their order. */
export interface ChoiceList {
  readonly table: string
  readonly element: string
  readonly choices: readonly (readonly [value: string, label: string])[]
}

/** Choices whose value is their label. */
export const valuesAsLabels = (...labels: string[]): [string, string][] => labels.map(label => [label, label])
