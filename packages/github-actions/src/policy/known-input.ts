import type { InputKind } from '../inputs/field.ts'

/** What is known of an input that may stand in a policy file, whichever action it is of. */
export interface KnownInput {
  readonly kind: InputKind
  /** What it takes, for kind `word`. */
  readonly words?: readonly string[]
}
