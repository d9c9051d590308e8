import type { Attributes, Clean } from './attributes.ts'

/** What made the telemetry: name and version of the product. */
export interface Scope {
  readonly name: string
  readonly version: string
}

/** What all that a step sends has in common. */
export interface Origin {
  /** Attributes of the resource. */
  readonly resource: Attributes
  readonly scope: Scope
  readonly clean: Clean
}
